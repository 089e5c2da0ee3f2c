"""The scene maker: from a film clip to a scene folder, in steps that each go on where they were ended.

clip → cuts → crop → extraction (frames, poses, alpha; in chunks) → background → quality → training_data
     → `mirror_training.film.run` → assembly → preview; `maker` puts them in a row.
"""
