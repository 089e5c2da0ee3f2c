/* Fills triangles with affine functions: the inner loop of MeshCanvas, which is its description.
 *
 * Called through ctypes (mirror_effects/native_fill.py), so it knows nothing of Python and runs without
 * the interpreter's lock. Each pixel belongs to the triangle that its centre lies in; the crossing of a row
 * with an edge is computed from the edge's upper end, so that neighbours leave no crack between them.
 */
#include <stdint.h>

#define LEVEL_PX 1e-12 /* as in mesh_raster.py */

/* Index of the first pixel whose centre is at `position` or after it, within 0 … end. */
static int64_t first_centre(double position, int64_t end) {
  double wanted = position - 0.5;
  if (!(wanted > 0)) return 0;
  if (wanted >= (double)end) return end;
  int64_t whole = (int64_t)wanted;
  return whole < wanted ? whole + 1 : whole;
}

static double slope(double top_x, double top_y, double x, double y) {
  double rise = y - top_y;
  return rise < LEVEL_PX ? 0.0 : (x - top_x) / rise;
}

/* count triangles, drawn in order.
 * x, y         [count, 3] corners in continuous pixels
 * texture      [count, 8] x0, y0, then value, along x and along y as (real, imaginary)
 * outline      [3, count, 5] x0, y0, value, along x, along y of the distance to each edge of the outline
 * at_outline   [count] whether the triangle has such an edge
 * positions    [height, width] as (real, imaginary), coverage [height, width]: drawn into
 */
void mirror_fill(int64_t count, const double *x, const double *y, const double *texture, const double *outline,
                 const uint8_t *at_outline, int64_t width, int64_t height, float *positions, uint8_t *coverage) {
  for (int64_t t = 0; t < count; t++) {
    const double *cx = x + 3 * t, *cy = y + 3 * t;
    int top = 0, middle = 1, bottom = 2, swap;
    if (cy[middle] < cy[top]) { swap = top; top = middle; middle = swap; }
    if (cy[bottom] < cy[middle]) { swap = middle; middle = bottom; bottom = swap; }
    if (cy[middle] < cy[top]) { swap = top; top = middle; middle = swap; }
    const int64_t first = first_centre(cy[top], height), last = first_centre(cy[bottom], height);
    const double along = slope(cx[top], cy[top], cx[bottom], cy[bottom]);
    const double upper = slope(cx[top], cy[top], cx[middle], cy[middle]);
    const double lower = slope(cx[middle], cy[middle], cx[bottom], cy[bottom]);
    const double *f = texture + 8 * t;
    for (int64_t row = first; row < last; row++) {
      const double centre = row + 0.5;
      const double one = cx[top] + (centre - cy[top]) * along;
      const double other = centre >= cy[middle] ? cx[middle] + (centre - cy[middle]) * lower
                                                : cx[top] + (centre - cy[top]) * upper;
      const int64_t start = first_centre(one < other ? one : other, width);
      const int64_t end = first_centre(one < other ? other : one, width);
      const double down = centre - f[1];
      const double re = f[2] + f[6] * down, im = f[3] + f[7] * down;
      float *position = positions + 2 * (row * width);
      uint8_t *covered = coverage + row * width;
      for (int64_t column = start; column < end; column++) {
        const double right = column + 0.5 - f[0];
        position[2 * column] = (float)(re + f[4] * right);
        position[2 * column + 1] = (float)(im + f[5] * right);
        covered[column] = 255;
      }
      if (!at_outline[t]) continue;
      for (int64_t column = start; column < end; column++) {
        double nearest = 1.0;
        for (int edge = 0; edge < 3; edge++) {
          const double *d = outline + 5 * (edge * count + t);
          const double distance = d[2] + d[3] * (column + 0.5 - d[0]) + d[4] * (centre - d[1]);
          if (distance < nearest) nearest = distance;
        }
        if (nearest < 0) nearest = 0;
        covered[column] = (uint8_t)(nearest * 254 + 1.5);
      }
    }
  }
}
