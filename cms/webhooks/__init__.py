"""Telling partners' systems that content has changed, by Standard Webhooks (https://www.standardwebhooks.com).

``messages`` writes and signs what is sent, ``outgoing`` sends it to public addresses only, ``queue`` says what is due
to whom and keeps the record, ``background`` does so beside the requests of the site. ``manage.py deliver_webhooks``
does the same for a clock.
"""
