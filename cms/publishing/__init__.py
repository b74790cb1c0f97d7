"""How content becomes public: drafts, review, releases, schedules, roles, the change log and the audit trail."""
