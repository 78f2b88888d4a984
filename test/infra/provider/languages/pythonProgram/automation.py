"""Runs the program of the page by the Automation API, which needs no language host: STACK and preview, up or destroy."""

import runpy
import sys

from pulumi import automation

stack_name, operation = sys.argv[1:]
stack = automation.create_or_select_stack(
    stack_name=stack_name,
    project_name="module-on-a-device",
    program=lambda: runpy.run_path("__main__.py"),
    opts=automation.LocalWorkspaceOptions(work_dir="."),
)
if operation == "preview":
    stack.preview(diff=True, on_output=print)
elif operation == "up":
    stack.up(on_output=print)
else:
    stack.destroy(on_output=print)
