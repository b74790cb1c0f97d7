"""``manage.py doctor``: what is wrong with the site, why it matters and what to do."""

import sys

from django.core.management import BaseCommand

from strategy_site.findings import FAIL, PASS, WARN, diagnosis, worst

CODES = {PASS: 0, WARN: 1, FAIL: 2}


class Command(BaseCommand):
    help = "Say how the site is. The exit code is 0 when all is well, 1 when something needs a look, 2 when it fails."
    requires_system_checks = ()

    def handle(self, *args, **options) -> None:
        found = diagnosis()
        styles = {PASS: self.style.SUCCESS, WARN: self.style.WARNING, FAIL: self.style.ERROR}
        for finding in found:
            self.stdout.write(f"{styles[finding.status](finding.status)}  {finding.name}: {finding.observed}")
            for line in filter(None, [finding.why, finding.advice]):
                if finding.status != PASS:
                    self.stdout.write(f"      {line}")
        if code := CODES[worst(found)]:
            sys.exit(code)
