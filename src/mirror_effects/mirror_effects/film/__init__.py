"""The film: a character that the person in front of the mirror moves.

pose (33 points) ← a tracked body
pose → normalisation (learns the participant, completes from pose_library) → pose in the scene's picture
pose → body_surface (tubes: trunk, head, limbs) → pose_map (part, U, V per pixel) → network
pose → similarity → reenactment (score)
scene (a folder) → stage (loaded) → player (one character, frame by frame) → sharp (at the size shown)
casting (who plays) → playing (the thread: players, rounds, views, marks) → the effect `film`; takes (videos)
"""
