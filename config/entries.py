"""The entries of a YAML file of the declared state, each fault told with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

MAX_NAME_CHARS = 100


class Entry:
    """One mapping of a list; every fault found in it goes to the file's list of faults."""

    def __init__(self, place: str, content: dict[Any, Any], folder: Path, faults: list[str]) -> None:
        self._place = place
        self._content = content
        self._folder = folder
        self._faults = faults
        self._asked: list[str] = []
        self.sound = True

    def fault(self, sentence: str, *, unless_faulty: bool = False) -> None:
        """Note that something is wrong here; ``unless_faulty`` only if nothing was before."""
        if self.sound or not unless_faulty:
            self._faults.append(f"{self._place}: {sentence}")
        self.sound = False

    def name(self) -> str:
        """The entry's name, which from here on stands in its faults."""
        name = self.text("name")
        if not name:
            self.fault("needs a `name`")
        elif len(name) > MAX_NAME_CHARS or not name.isprintable():
            self.fault(f"`name` must be one line of at most {MAX_NAME_CHARS} characters")
        else:
            self._place += f" ({name})"
        return name

    def text(self, key: str) -> str:
        """The text under ``key``; "" when there is none."""
        self._asked.append(key)
        value = self._content.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(f"`{key}` must be text: put it in quotes")
            return ""
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under ``key``; a single text counts as a list of one."""
        self._asked.append(key)
        value = self._content.get(key)
        found = [value] if isinstance(value, str) else value or []
        if not isinstance(found, list) or not all(isinstance(each, str) and each.strip() for each in found):
            self.fault(f"`{key}` must be a list of texts, each in quotes where it is not plain words")
            return ()
        return tuple(dict.fromkeys(each.strip() for each in found))

    def number(self, key: str) -> int | None:
        """The whole number under ``key``, 1 or more; None when there is none."""
        self._asked.append(key)
        value = self._content.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        self.fault(f"`{key}` must be a whole number, 1 or more")
        return None

    def mapping(self, key: str, *, word: str) -> dict[str, Any] | None:
        """The mapping under ``key``, None when there is none; a text alone is what it says of ``word``."""
        self._asked.append(key)
        value = self._content.get(key)
        if isinstance(value, str):
            return {word: value.strip()}
        if value is not None and not (
            isinstance(value, dict) and all(isinstance(each, str) for each in value)
        ):
            self.fault(f"`{key}` must be a word, or a mapping such as `{word}: …`")
            return None
        return value

    def secret(self, key: str, env: Mapping[str, str], *, inline: bool) -> str:
        """A value that stands under ``key``, in the variable ``key_env`` or in the file ``key_file``."""
        variable, file = self.text(f"{key}_env"), self.text(f"{key}_file")
        value = self.text(key)
        if value and not inline:
            self.fault(
                f"`{key}` does not belong here: name a variable (`{key}_env`) or a file (`{key}_file`)"
            )
            return ""
        if sum(map(bool, (variable, file, value))) > 1:
            self.fault(f"has more than one of `{key}`, `{key}_env` and `{key}_file`")
            return ""
        if variable:
            value = env.get(variable, "").strip()
            if not value:
                self.fault(f"the variable {variable} is not set")
        elif file:
            value = self._file(file)
        return value

    def nothing_else(self) -> None:
        """Fault every key that was not asked for."""
        for key in self._content:
            if key not in self._asked:
                known = ", ".join(self._asked)
                self.fault(f"there is no `{key}` here; there are {known}")

    def _file(self, name: str) -> str:
        path = self._folder / Path(name).expanduser()
        try:
            value = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as exc:
            cause = exc.strerror if isinstance(exc, OSError) else "not UTF-8 text"
            self.fault(f"cannot read {path}: {cause}")
            return ""
        if not value:
            self.fault(f"{path} is empty")
        return value


def entries(path: Path, key: str, faults: list[str]) -> Iterator[Entry]:
    """The entries under ``key`` in the file; one whose name stood before is a fault."""
    content = _load(path, faults)
    listed = content.get(key) if isinstance(content, dict) else content
    strange = [each for each in content if each != key] if isinstance(content, dict) else []
    if strange:
        faults.append(f"{path.name}: there is no `{strange[0]}` here; the list stands under `{key}:`")
    if listed is None:
        return
    if not isinstance(listed, list):
        faults.append(f"{path.name}: must hold a list under `{key}:`")
        return
    names: set[str] = set()
    for number, item in enumerate(listed, start=1):
        place = f"{path.name}, entry {number}"
        if not isinstance(item, dict):
            faults.append(f"{place}: must be a mapping such as `- name: …`")
            continue
        name = item.get("name")
        entry = Entry(place, item, path.parent, faults)
        if isinstance(name, str) and name.strip() in names:
            entry.fault(f"there is a {name.strip()!r} before it; names are unique")
        elif isinstance(name, str):
            names.add(name.strip())
        yield entry


def _load(path: Path, faults: list[str]) -> Any:  # noqa: ANN401  # whatever the file holds; checked by the caller
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as exc:
        faults.append(f"{path.name}: cannot be read: {exc}")
    except yaml.MarkedYAMLError as exc:
        line = f", line {exc.problem_mark.line + 1}" if exc.problem_mark else ""
        faults.append(f"{path.name}{line}: {exc.problem or 'is not YAML'}")
    except yaml.YAMLError as exc:
        faults.append(f"{path.name}: is not YAML: {' '.join(str(exc).split())}")
    return None
