"""Camera sources of the mirror: V4L2, clips and streams, folders of pictures, the demo reel."""
