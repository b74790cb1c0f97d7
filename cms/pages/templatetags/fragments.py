"""Pieces of templates that come out alike on many pages."""

from typing import Any, NamedTuple

from django import template

from cms.content.languages import site_languages
from cms.pages.kept import kept

register = template.Library()


class Fragment(NamedTuple):
    """A rendered piece, and what it has to say to the notice of its page (:mod:`cms.pages.templatetags.localized`)."""

    html: str
    fallbacks: set[str]
    complete: set[str]


@register.tag
def fragment(parser, token):
    """``{% fragment "menu" %}...{% endfragment %}``: render once a content version and language.

    What is inside depends on the site's content and on nothing of the page around it; a value that it does depend
    on, and that there are few of, follows the name: ``{% fragment "filters" request.path %}``.
    """
    _tag, *arguments = token.split_contents()
    if not arguments:
        raise template.TemplateSyntaxError("fragment takes the name of what is kept")
    nodelist = parser.parse(("endfragment",))
    parser.delete_first_token()
    return FragmentNode(nodelist, [parser.compile_filter(argument) for argument in arguments])


class FragmentNode(template.Node):
    """Renders its content, or shows what was rendered for another page."""

    def __init__(self, nodelist, key):
        self.nodelist = nodelist
        self.key = key

    def render(self, context):
        request = context.get("request")
        if request is None:  # an error page
            return self.nodelist.render(context)
        key = ("fragment", *(str(part.resolve(context)) for part in self.key))
        found = kept(request, key, lambda: self.make(context))
        if (fallbacks := context.get("fallbacks")) is not None:
            fallbacks |= found.fallbacks
        if (complete := context.get("complete")) is not None:
            complete &= found.complete
        return found.html

    def make(self, context: Any) -> Fragment:
        fallbacks: set[str] = set()
        complete = set(site_languages())
        with context.push(fallbacks=fallbacks, complete=complete, written={}):
            return Fragment(self.nodelist.render(context), fallbacks, complete)
