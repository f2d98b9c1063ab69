"""The public Python API: what the commands do, a program does (stui-api(3)).

from stui_cli.api import open_manager

manager = open_manager()
print(manager.evaluate("3 + 4", "alpha").checked().value)

Nothing here prints, asks or ends the process; what fails is a StuiError. It is a leaf: nobody inside imports it.
"""

from stui_cli.api.as_json import as_plain, to_json
from stui_cli.api.manager import SessionManager, open_manager
from stui_cli.model.errors import StuiError

__all__ = ["SessionManager", "StuiError", "as_plain", "open_manager", "to_json"]
