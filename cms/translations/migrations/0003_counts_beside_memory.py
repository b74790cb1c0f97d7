from django.db import migrations


class Migration(migrations.Migration):
    """Counts and glossary were made side by side."""

    dependencies = [("translations", "0001_counts_of_texts"), ("translations", "0002_memory")]

    operations = []
