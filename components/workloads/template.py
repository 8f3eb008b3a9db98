"""Config files from templates; a module of its own, since few workloads have one and Jinja takes long to import."""

from __future__ import annotations

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from components.errors import ComponentError
from components.objects.manifest import Scope
from envs.config.model.volume import ConfigFile


def render_template(
    scope: Scope, workload: str, file: ConfigFile, source: bytes, path: tuple[str, ...]
) -> str:
    """Fill in a template, whose text is `source`; raises ComponentError where it does not render."""
    jinja = SandboxedEnvironment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    try:
        return jinja.from_string(source.decode()).render(
            environment=scope.environment.name,
            tier=scope.environment.tier,
            app=scope.name,
            workload=workload,
            namespace=scope.namespace,
            values=dict(file.values),
        )
    except jinja2.TemplateSyntaxError as error:
        raise ComponentError(path, f"{file.template}, line {error.lineno}: {error.message}") from error
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise ComponentError(path, f"{file.template}: {error}") from error
