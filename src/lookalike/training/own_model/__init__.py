"""How the packaged model is made: a network distilled without labels, a colour histogram, two linear heads.

No weight of another model goes in: the teacher is only listened to.
"""
