"""The film: a character that the person in front of the mirror moves.

pose (33 points) ← a tracked body
pose → normalisation (learns the participant, completes from pose_library) → pose in the scene's picture
pose → body_surface (tubes: trunk, head, limbs) → pose_map (part, U, V per pixel) → network
pose → similarity → reenactment (score)
"""
