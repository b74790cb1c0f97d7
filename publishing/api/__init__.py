"""What the public API gives to every content model: languages, queries, paging, problems and documentation.

A content app declares serializers (:mod:`publishing.api.serializers`) and viewsets (:mod:`publishing.api.views`);
the project registers the viewsets with one router.
"""
