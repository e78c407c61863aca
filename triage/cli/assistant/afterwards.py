"""After the verdict: read on, seal, write the papers, copy the case away, examine another."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from triage.case.keys import fingerprint, load_private, make_key, public_pem
from triage.case.seal import seal
from triage.case.verify import verify
from triage.cli.actor import now, who
from triage.cli.assistant.places import free, keys_near, refused
from triage.cli.assistant.scanning import problem_of
from triage.cli.assistant.session import Session
from triage.cli.assistant.steps import unquoted
from triage.cli.assistant.terminal import Back, Option, Page, Terminal
from triage.cli.assistant.wording import Words
from triage.cli.checklist import FORMS, NAMES, make_lists
from triage.cli.files import write_whole
from triage.cli.key import SHORTEST
from triage.cli.org import KEYS, save, shown, value_of, with_answer
from triage.cli.seal import told as told_of_seal
from triage.cli.vncert import due_lines, moment_of, write_papers
from triage.errors import TriageError, UsageError
from triage.intel.organisation import FILE, Organisation, load_organisation
from triage.outputs.checklist.screen import steps as list_steps
from triage.outputs.figures import size
from triage.outputs.papers import lacking
from triage.outputs.papers.answers import Answers
from triage.outputs.papers.wording import words as paper_words
from triage.times import VIETNAM

Next = Literal["another", "end"]

_PAPERS: Final = ("bao-cao-mau-03", "cong-van", "bien-ban")
_SLACK: Final = 16 << 20


def afterwards(session: Session, screen: str, terminal: Terminal) -> Next:
    """Until another machine is wanted, or nothing more.

    Raises:
        Left: nothing more.
    """
    words, done, problem = session.words, "", ""
    acts: tuple[tuple[str, Callable[[Session, Terminal], str]], ...] = (
        ("do-list", _lists),
        ("do-papers", _papers),
        ("do-seal", _seal),
        ("do-copy", _copy),
    )
    keys = ("do-verdict", *(key for key, _act in acts), "do-another", "do-end")
    options = [Option(text=words(key), note=words(f"{key}-note")) for key in keys]
    chosen = 1
    while True:
        text = (*_result(session), *([done] if done else []))
        chosen = terminal.choose(Page(title=words("result-title"), text=text, problem=problem), options, chosen)
        done = problem = ""
        match keys[chosen]:
            case "do-another":
                return "another"
            case "do-end":
                return "end"
            case "do-verdict":
                verdict(screen, terminal)
                continue
        try:
            done = acts[chosen - 1][1](session, terminal)
        except Back:
            continue
        except TriageError as error:
            problem = problem_of(error, words)
        except OSError as error:
            problem = words("system-error", why=error.strerror or error)


def _result(session: Session) -> tuple[str, ...]:
    """Where everything lies."""
    assert session.case is not None
    words = session.words
    names = [
        f"{name}.{form}" for name in NAMES.values() for form in FORMS if (session.case / f"{name}.{form}").exists()
    ]
    return (
        words("result", case=session.case),
        words("result-report"),
        words("result-lists", names=", ".join(names)),
        words("result-keep"),
    )


def verdict(screen: str, terminal: Terminal) -> None:
    """The verdict on one screen, until it is read."""
    try:
        terminal.show(Page(title="", raw=screen))
    except Back:
        return


def _lists(session: Session, terminal: Terminal) -> str:
    """The lists, made again from what the case's page holds."""
    assert session.case is not None
    words = session.words
    sheets, _written = make_lists(session.case, {}, words.lang, forms=())
    for sheet in sheets:
        terminal.show(Page(title="", raw=list_steps(sheet)))
    return ""


# -- the seal --------------------------------------------------------------------------------------------------------


def _seal(session: Session, terminal: Terminal) -> str:
    assert session.case is not None
    words = session.words
    near = list(keys_near(session.case.parent))
    options = [Option(text=str(path)) for path in near]
    options += [Option(text=words(key)) for key in ("key-path", "key-new", "key-none")]
    chosen = terminal.choose(Page(title=words("seal-title"), text=(words("seal-text"),)), options)
    match chosen - len(near):
        case 1:
            return _new_key(session, terminal)
        case 2:
            return _put(session, None, [], terminal)
        case 0:
            path = Path(unquoted(terminal.ask(Page(title=words("seal-title"), text=(words("key-path"),)), path=True)))
        case _:
            path = near[chosen]
    return _signed(session, path, terminal)


def _signed(session: Session, path: Path, terminal: Terminal) -> str:
    """Signs with a key; the pass-phrase is asked for until it fits."""
    words, problem = session.words, ""
    if not path.is_file():
        raise UsageError(words("no-key", path=path))
    while True:
        page = Page(title=words("seal-title"), text=(words("passphrase", key=path),), problem=problem)
        passphrase = terminal.ask(page, secret=True)
        if not passphrase:
            raise Back
        try:
            key = load_private(path, passphrase.encode())
        except UsageError:
            problem = words("wrong-passphrase")
            continue
        return _put(session, key, [], terminal)


def _put(session: Session, key: Ed25519PrivateKey | None, said: list[str], terminal: Terminal) -> str:
    """Puts the seal on, and shows what it holds."""
    assert session.case is not None
    words = session.words
    told = told_of_seal(seal(session.case, key, when=now(), who=who()), words.lang)
    lines = (*said, words("sealed"), *told.splitlines())
    terminal.show(Page(title=words("seal-title"), text=lines))
    return words("sealed")


def _new_key(session: Session, terminal: Terminal) -> str:
    assert session.case is not None
    words, problem = session.words, ""
    out = session.case.parent / "niem-phong.key"
    if out.exists():
        raise UsageError(words("key-exists", path=out))
    while True:
        first = terminal.ask(
            Page(title=words("seal-title"), text=(words("new-passphrase", least=SHORTEST),), problem=problem),
            secret=True,
        )
        if not first:
            raise Back
        again = terminal.ask(Page(title=words("seal-title"), text=(words("passphrase-again"),)), secret=True)
        if len(first.encode()) >= SHORTEST and first == again:
            break
        problem = words("passphrases-differ", least=SHORTEST)
    public = make_key(out, first.encode())
    write_whole(out.with_name(out.name + ".pub"), [public_pem(public)])
    said = [words("key-made", path=out), fingerprint(public), ""]
    return _put(session, load_private(out, first.encode()), said, terminal)


# -- the papers ------------------------------------------------------------------------------------------------------


def _papers(session: Session, terminal: Terminal) -> str:
    assert session.case is not None
    words = session.words
    profile = _profile(session, terminal)
    detected = _detected(words, terminal)
    told = Answers(detected_at=detected)
    materials, written = write_papers(session.case, profile, told, _PAPERS, words.lang)
    missing = lacking(materials, _PAPERS)
    lines = [
        words("papers-made", folder=session.case),
        *(f"- {path.name}" for path in written),
        "",
        *due_lines(materials),
    ]
    if missing:
        lines += ["", paper_words("mail", words.lang)["missing"].format(labels="; ".join(missing))]
    lines += ["", words("papers-then")]
    terminal.show(Page(title=words("papers-title"), text=tuple(lines)))
    return words("papers-done")


def _detected(words: Words, terminal: Terminal) -> datetime:
    problem = ""
    given = datetime.now(VIETNAM).strftime("%d/%m/%Y %H:%M")
    while True:
        given = terminal.ask(Page(title=words("papers-title"), text=(words("detected"),), problem=problem), given)
        try:
            return moment_of(given)
        except ValueError:
            problem = words("no-moment", text=given)


def _profile(session: Session, terminal: Terminal) -> Organisation:
    """The office's profile beside the cases: used where it is there, asked for once where it is not."""
    assert session.case is not None
    words = session.words
    place = session.case.parent / FILE
    known = load_organisation(place) if place.is_file() else Organisation()
    options = [Option(text=words("org-use", name=known.name or "?")), Option(text=words("org-change"))]
    if place.is_file():
        page = Page(title=words("org-title"), text=(str(place),))
        if terminal.choose(page, options) == 0:
            return known
    known = _asked(known, words, terminal)
    save(known, place)
    return known


def _asked(profile: Organisation, words: Words, terminal: Terminal) -> Organisation:
    """Every field, one after the other; Back goes to the one before."""
    questions = paper_words("org", words.lang)
    place, text, problem = 0, "", ""
    while place < len(KEYS):
        key = KEYS[place]
        head = words("org-field", number=place + 1, count=len(KEYS))
        page = Page(title=words("org-title"), text=(head, questions[key]), problem=problem)
        try:
            text = terminal.ask(page, text if problem else shown(value_of(profile, key)))
        except Back:
            if not place:
                raise
            place, problem = place - 1, ""
            continue
        try:
            profile, problem = with_answer(profile, key, text), ""
        except ValueError as error:
            problem = words("org-wrong", why=error)
            continue
        place += 1
    return profile


# -- the copy --------------------------------------------------------------------------------------------------------


def _copy(session: Session, terminal: Terminal) -> str:
    """To another folder; what arrived is held against the seal."""
    assert session.case is not None
    words, text, problem = session.words, "", ""
    while True:
        page = Page(title=words("copy-title"), text=(words("copy-text"),), problem=problem)
        text = unquoted(terminal.ask(page, text, path=True))
        if not text:
            raise Back
        to = Path(text).absolute() / session.case.name
        problem = _problem_of_copy(to, session)
        if not problem:
            break
    shutil.copytree(session.case, to)
    broken = next(verify(to), None)
    if broken is not None:
        raise UsageError(words("copy-broken", path=broken.place))
    return words("copied", path=to)


def _problem_of_copy(to: Path, session: Session) -> str:
    words = session.words
    assert session.case is not None
    if to.exists():
        return words("copy-there", path=to)
    if not to.parent.is_dir():
        return words("no-such-path", path=to.parent)
    if session.target and refused(to, session.target):
        return words("on-evidence", path=to)
    needed = sum(path.stat().st_size for path in session.case.rglob("*") if path.is_file()) + _SLACK
    if free(to) < needed:
        return words("full", path=to.parent, free=size(free(to), words.lang), needed=size(needed, words.lang))
    return ""
