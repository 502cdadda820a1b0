"""What a power loss would have left: files rebuilt from synced writes alone.

A traced run lists every write, sync and send of the program. At each sync and before
each message the store's files are put together as the disk would hold them if power
failed there: what was written since a file's last sync is not in it. Such an image
must open, be whole, and know of the claim of every message that left until then (I6).
Limits: a removal counts at once, no page is torn, the shared-memory file is rebuilt.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.vedette.crash.checker import Evidence, looking, problems
from tests.vedette.crash.tracing import strace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.vedette.crash.stage import Stage

CALLS = "pwrite64,fsync,fdatasync,ftruncate,unlink,sendto,write"
SYNCS = ("fsync", "fdatasync")
_LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$")
_FD = re.compile(r"^\d+<([^>]*)>")
_ID = re.compile(rb'(?i)(?:webhook-id: |message-id: <|"data":\{"id":")([0-9a-f-]{36})')


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One system call; ``offset`` is the length of an ftruncate."""

    call: str
    path: str
    data: bytes = b""
    offset: int = 0


@dataclass(slots=True)
class Image:
    """The store's files on a disk that loses what was not synced."""

    store: Path
    live: dict[str, bytearray] = field(default_factory=dict)
    synced: dict[str, bytes] = field(default_factory=dict)

    def begin(self) -> None:
        """Take the files as they lie there now; they are at rest and synced."""
        for suffix in ("", "-wal"):
            path = self.store.with_name(self.store.name + suffix)
            if path.exists():
                self.synced[str(path)] = path.read_bytes()
        self.live = {name: bytearray(data) for name, data in self.synced.items()}

    def write(self, path: str, data: bytes, offset: int) -> None:
        """Write into a file, which nobody synced yet."""
        file = self.live.setdefault(path, bytearray())
        file.extend(bytes(max(0, offset - len(file))))
        file[offset : offset + len(data)] = data

    def truncate(self, path: str, length: int) -> None:
        """Cut a file, or fill it up."""
        file = self.live.setdefault(path, bytearray())
        del file[length:]
        file.extend(bytes(length - len(file)))

    def sync(self, path: str) -> None:
        """All of one file is on the disk."""
        if path in self.live:
            self.synced[path] = bytes(self.live[path])

    def unlink(self, path: str) -> None:
        """A file is gone, at once."""
        self.live.pop(path, None)
        self.synced.pop(path, None)

    def apply(self, made: Call) -> bool:
        """Let one call happen; True if the disk holds something else than before."""
        if made.call == "pwrite64":
            self.write(made.path, made.data, made.offset)
        elif made.call == "ftruncate":
            self.truncate(made.path, made.offset)
        elif made.call == "unlink":
            self.unlink(made.path)
        else:
            before = self.synced.get(made.path)
            self.sync(made.path)
            return self.synced.get(made.path) != before
        return False

    def lay(self, folder: Path) -> Path:
        """Write the files as after the loss; the path of the store among them."""
        for name, data in self.synced.items():
            (folder / Path(name).name).write_bytes(data)
        return folder / self.store.name


@dataclass(slots=True)
class Loss:
    """What the images of one run showed; ``sends`` counts messages by id."""

    images: int = 0
    sends: int = 0
    unclaimed: int = 0
    found: list[str] = field(default_factory=list)


def replay(stage: Stage, *words: str, program: str = "vedette") -> Loss:
    """Run the program once, unharmed, and lose power at each of its syncs and sends."""
    image, log = Image(stage.store), stage.folder / "power"
    image.begin()
    tracer = [*strace(CALLS, log), "-xx", "-y", "-s", "200000"]
    stage.run(*words, tracer=tracer, program=program)
    loss, sent = Loss(), set[str]()
    for one in calls(log):
        if one.call in {"sendto", "write"}:
            number = _ID.search(one.data)
            if number is not None and _leaves(one.path):
                sent.add(number[1].decode())
                _send(loss, image, number[1].decode())
        elif image.apply(one):
            loss.images += 1
            loss.found += _broken(image) + _unclaimed(image, sent)
    return loss


def _send(loss: Loss, image: Image, number: str) -> None:
    loss.sends += 1
    loss.images += 1
    found = _unclaimed(image, {number})
    loss.unclaimed += len(found)
    loss.found += found


def _leaves(path: str) -> bool:
    """Whether a written message leaves us: through a socket or into the alert file."""
    return path.startswith(("TCP:", "socket:")) or path.endswith("/alerts.jsonl")


def calls(log: Path) -> Iterator[Call]:
    """Each line of the log, in order.

    A call that another thread interrupts in the log counts as made when it begins,
    but for a sync: that one counts when it ends, and only if it succeeded.
    """
    syncing: dict[tuple[str, str], Call] = {}
    for line in log.read_text(encoding="ascii", errors="replace").splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        thread, call, rest = found.groups()
        if "resumed>" in line:
            ended = syncing.pop((thread, call), None)
            if ended is not None and rest.endswith("= 0"):
                yield ended
            continue
        made = _call(call, rest)
        if call not in SYNCS or rest.endswith("= 0"):
            yield made
        elif rest.endswith("<unfinished ...>"):
            syncing[thread, call] = made


def _call(call: str, rest: str) -> Call:
    if call == "unlink":
        return Call(call=call, path=_bytes(rest).decode())
    fd = _FD.match(rest)
    path = re.sub(r"\\x([0-9a-f]{2})", _letter, fd[1]) if fd else ""
    numbers = re.findall(r", (\d+)(?=[,) ])", rest.rpartition(" = ")[0] or rest)
    offset = int(numbers[-1]) if numbers else 0
    return Call(call=call, path=path, data=_bytes(rest), offset=offset)


def _letter(code: re.Match[str]) -> str:
    return chr(int(code[1], 16))


def _bytes(rest: str) -> bytes:
    """The quoted argument of a line, which strace -xx writes in hex."""
    quoted = re.search(r'"((?:\\x[0-9a-f]{2})*)"', rest)
    return bytes.fromhex(quoted[1].replace("\\x", "")) if quoted else b""


def _broken(image: Image) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        store = image.lay(Path(folder))
        found = problems(Evidence(store=store, seen=(), channels=()))
    return [f"{one} [after a power loss]" for one in found]


def _unclaimed(image: Image, sent: set[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        tries: dict[str, int] = {}
        with looking(image.lay(Path(folder))) as db:
            if db is not None:
                rows = db.execute("SELECT id, attempts FROM delivery").fetchall()
                tries = {row[0]: row[1] for row in rows}
    return [
        f"I6: {one} was sent and its claim is lost with the power"
        for one in sorted(sent)
        if tries.get(one, 0) < 1
    ]
