"""What everybody on staff sets for themselves: mail about their work."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.generic import UpdateView

from cms.editing.decisions import language_names
from cms.publishing.models import MailSettings


class MailSettingsForm(forms.ModelForm):
    """When somebody gets mail about their work, and in which language."""

    language = forms.ChoiceField(label=_("Language of your mail"), required=False)

    class Meta:
        model = MailSettings
        fields = ("frequency", "language")
        labels = {"frequency": _("When you get mail about your work")}
        help_texts = {
            "frequency": _(
                "When drafts are submitted that you review, and when yours are approved, published or sent back. If "
                "what you scheduled could not be done, you are told at once in any case."
            )
        }
        widgets = {"frequency": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("the one in which you last submitted a draft")), *language_names()]


class OwnSettingsView(UpdateView):
    """The page on which a member of staff reads and changes their own settings, and nobody else's."""

    admin_site = None
    form_class = MailSettingsForm
    template_name = "admin/publishing/own_settings.html"

    def get_object(self, queryset=None):
        return MailSettings.of(self.request.user)

    def form_valid(self, form):
        # Not form.save(): two first times at once would want two rows.
        MailSettings.objects.update_or_create(user=self.request.user, defaults=form.cleaned_data)
        messages.success(self.request, _("Your settings were saved."))
        return redirect("admin:own_settings")

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **self.admin_site.each_context(self.request), title=_("Your settings"), **kwargs
        )
