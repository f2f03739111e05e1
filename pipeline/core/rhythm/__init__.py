"""How often a feed is polled: its interval follows the rhythm in which it brings news.

Why the root.  A feed that brings r items an hour and is polled every I seconds
lets an item wait for I/2 on average, as items come at any moment between two
polls.  All feeds together wait for the sum of r I/2 each hour, and cost the sum
of 1/I polls a second.  To make the waiting least at a given cost B, set the
derivative of sum(r I/2) + m (sum(1/I) - B) by each I to nothing: r/2 = m/I^2, so

    I = stretch / sqrt(r),     with the one stretch that makes sum(1/I) = B.

Polling in proportion to r (I ~ 1/r) waits exactly as long in sum as one interval
for all: the busy feeds gain what the rare ones lose.  By the Cauchy-Schwarz
inequality the root waits (sum sqrt r)^2 / (n sum r) times as long, which is less
the more unlike the feeds are.  The rule is that of K. C. Sia, J. Cho and
H.-K. Cho, "Efficient Monitoring Algorithm for Fast News Alerts" (IEEE TKDE 19,
2007), after J. Cho and H. Garcia-Molina, "Effective Page Refresh Policies for
Web Crawlers" (ACM TODS 28, 2003).

:mod:`estimate` learns r from what polls bring, :mod:`interval` decides, with
what the operator and the publisher have to say, and :mod:`census` finds the
stretch over all feeds.
"""

from pipeline.core.rhythm.asks import asked_s
from pipeline.core.rhythm.census import bucket, solve
from pipeline.core.rhythm.estimate import SILENT, answered, heard, known, silent_s, usual_s
from pipeline.core.rhythm.interval import Limits, Pacing, Why, first_wait_s, interval, sentence, span, wait_s

__all__ = [
    "SILENT",
    "Limits",
    "Pacing",
    "Why",
    "answered",
    "asked_s",
    "bucket",
    "first_wait_s",
    "heard",
    "interval",
    "known",
    "sentence",
    "silent_s",
    "solve",
    "span",
    "usual_s",
    "wait_s",
]
