"""Write the backup of a small site of this version and what it holds, for the versions after it."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from tests.answers import world

HERE = Path(__file__).parent


def main() -> int:
    with world.site():
        from django.conf import settings
        from django.core.management import call_command

        from tests.upgrades.description import description

        target = HERE / f"{settings.VERSION}.zip"
        if target.exists():
            print(f"{target.name} is there already: a version that was released does not change.")
            return 1
        with tempfile.TemporaryDirectory() as folder:
            call_command("backup", folder, verify=True)
            (made,) = Path(folder).iterdir()
            shutil.move(made, target)
        text = json.dumps(description(), indent=1, ensure_ascii=False, sort_keys=True)
        target.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    print(f"Written: {target.name}, {target.with_suffix('.json').name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
