"""Knowledge as data: families, their rules, and indicator sets. Installed as `triage.yara_rules`."""
