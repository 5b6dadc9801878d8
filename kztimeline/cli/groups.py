"""Options in groups: a command takes groups, the command line sees their options."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

_KEYWORD = inspect.Parameter.KEYWORD_ONLY


class Group:
    """Options as annotated attributes with defaults, those of its bases first.

    A dataclass would be made anew at every start, which takes longer than all it is used for.
    """

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    @classmethod
    def options(cls) -> dict[str, Any]:
        """The annotations of the options by name."""
        bases = [base for base in reversed(cls.__mro__) if issubclass(base, Group)]
        return {
            name: told for base in bases for name, told in inspect.get_annotations(base).items()
        }


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """Replace each group in a command's signature by its options, and gather them again."""
    groups: dict[str, type[Group]] = {}
    parameters = []
    for parameter in inspect.signature(command).parameters.values():
        annotation = parameter.annotation
        if isinstance(annotation, type) and issubclass(annotation, Group):
            groups[parameter.name] = annotation
            parameters += [
                inspect.Parameter(
                    name, _KEYWORD, default=getattr(annotation, name), annotation=told
                )
                for name, told in annotation.options().items()
            ]
        else:
            parameters.append(parameter.replace(kind=_KEYWORD))

    @wraps(command)
    def run(**values: Any) -> None:
        for name, group in groups.items():
            values[name] = group(**{option: values.pop(option) for option in group.options()})
        command(**values)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
