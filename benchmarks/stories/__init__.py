"""``./run bench stories``: are copies of one text found, and is no other text taken for one?"""
