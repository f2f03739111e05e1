"""The way of an article, from a feed to an alert.

Stages in order, with what each hands on::

    poll      a feed is due                    store.feeds.claim      -> Feed
    fetch     its document, or 304             fetch.Fetcher.get      -> Response
    split     cut it, drop what is known       core.split.split       -> Document of Piece
    commit    what is new is safe from here    store.polls.commit     -> ids of RawItem   ═▶ ingest queue
    parse     one piece at a time              core.parse.parse       -> Entry
    dedupe    article, update or duplicate     core.dedupe.decide     -> Decision
    event     the same news in other words     core.event.tell        -> Telling
    match     every subscription at once       core.match.Percolator  -> Hit
    alert     once per subscription and story  core.alert.decide      -> Wish
    store     all of it in one transaction     store.articles, alerts -> ids of deliveries ═▶ deliver queue
    deliver   render, send, settle             core.render, channels  -> Sent

:mod:`pipeline.flow` is the spine that calls them in this order; each of its
functions loads, decides and saves.  A page fetched for its full text takes the
same way: fetch, commit, extract, match again, alert.
"""
