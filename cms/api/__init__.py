"""What the public API gives to every content model: languages, queries, paging, problems and documentation.

A content app declares serializers (:mod:`cms.api.serializers`) and viewsets (:mod:`cms.api.views`);
the project registers the viewsets with one router.
"""
