"""WannaCry there but not yet at work, and the tools that bring it. Harmless fakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from samples_fake import components, state, tools
from samples_fake.scenes.calendar import WHEN_INSTALLED, at, touched
from samples_fake.scenes.office import MINH, office_documents
from samples_fake.scenes.windows import SEVEN, program_files, system_files
from samples_fake.tree import HIDDEN, Expected, FakeFile, Scene, Volume

TAG = state.install_tag("DESKTOP-V5VC9B3")
WORK = f"/ProgramData/{TAG}"


def dropped_not_run() -> Scene:
    """The worm and the loader have arrived; no file is encrypted."""
    when = at("2017-05-13T01:02:03")
    contents: Mapping[str, Callable[[], bytes]] = {
        "/Windows/mssecsvc.exe": components.mssecsvc,
        "/Windows/tasksche.exe": components.tasksche,
        f"{WORK}/tasksche.exe": components.tasksche,
        f"{WORK}/taskdl.exe": components.taskdl,
        f"{WORK}/taskse.exe": components.taskse,
        f"{WORK}/u.wnry": components.decryptor,
        f"{WORK}/t.wnry": state.t_wnry,
        f"{WORK}/c.wnry": partial(state.c_wnry, started=0),
        f"{WORK}/r.wnry": state.note_template,
        f"{WORK}/s.wnry": components.archive,
        f"{WORK}/msg/m_vietnamese.wnry": partial(state.message_rtf, "vietnamese"),
        f"{MINH}/Downloads/launcher.dll": components.launcher_dll,
        f"{MINH}/Downloads/encryptor.bin": components.encryptor_dll,
    }
    dropped = [FakeFile(path=WORK, folder=True, attributes=HIDDEN)]
    dropped += [
        FakeFile(path=path, content=data, times=touched(when, changed=when), written=when)
        for path, data in contents.items()
    ]
    files = (*system_files(SEVEN), *program_files(), *office_documents(), *dropped)
    programs = [path for path in contents if path.endswith((".exe", ".dll", ".bin", "u.wnry", "t.wnry", "s.wnry"))]
    ordinary = (*system_files(SEVEN), *program_files(), *office_documents())
    return Scene(
        name="dropped_not_run",
        about="WannaCry's components are there; no file is encrypted.",
        volumes=(Volume(filesystem="ntfs", size=32 << 20, label="DROPPED", made=WHEN_INSTALLED, files=files),),
        expected=Expected(
            verdict="infected",
            found={(0, path): "infected" for path in programs if "taskse" not in path}
            | {(0, f"{WORK}/taskse.exe"): "suspicious"},
            silent=tuple((0, one.path) for one in ordinary),
        ),
    )


def smb_tools() -> Scene:
    """A machine from which somebody tried the leaked SMB tools, and an older WannaCry's decryptor."""
    folder = f"{MINH}/Downloads/windows"
    contents = {
        f"{folder}/specials/Eternalblue-2.2.0.exe": tools.smb_exploit,
        f"{folder}/specials/Eternalblue-2.2.0.xml": tools.smb_exploit_configuration,
        f"{MINH}/Desktop/!WanaDecryptor!.exe": tools.older_decryptor,
        f"{MINH}/Desktop/!Please Read Me!.txt": state.note,
    }
    files = (
        *system_files(SEVEN),
        *office_documents(),
        *(FakeFile(path=path, content=data) for path, data in contents.items()),
    )
    return Scene(
        name="smb_tools",
        about="Leaked SMB exploit tools with their configuration, and the decryptor of an older WannaCry.",
        volumes=(Volume(filesystem="ntfs", size=32 << 20, label="TOOLS", made=WHEN_INSTALLED, files=files),),
        expected=Expected(
            verdict="infected",
            found={(0, path): "suspicious" for path in contents if "Eternalblue" in path},
            silent=tuple((0, one.path) for one in (*system_files(SEVEN), *office_documents())),
        ),
    )
