from __future__ import annotations

from triage.formats.tag import install_tag


def test_the_tag_seen_on_a_known_machine() -> None:
    assert install_tag("DESKTOP-V5VC9B3") == "evmdthrukdvwcqn063"
