"""Options in groups: a command takes dataclasses, the command line sees their fields."""

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any

_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """Replace each dataclass in a command's signature by its fields, and gather them again."""
    groups: dict[str, type[Any]] = {}
    parameters = []
    for parameter in inspect.signature(command).parameters.values():
        annotation = parameter.annotation
        if is_dataclass(annotation) and isinstance(annotation, type):
            groups[parameter.name] = annotation
            parameters += [
                inspect.Parameter(
                    field.name, _KEYWORD, default=field.default, annotation=field.type
                )
                for field in fields(annotation)
            ]
        else:
            parameters.append(parameter.replace(kind=_KEYWORD))

    @wraps(command)
    def run(**values: Any) -> None:
        for name, group in groups.items():
            taken = {field.name: values.pop(field.name) for field in fields(group)}
            values[name] = group(**taken)
        command(**values)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
