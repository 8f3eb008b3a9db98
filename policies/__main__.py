"""The Pulumi policy pack: the engine starts this program and asks it about every resource.

PolicyPack() serves until the engine stops it, so nothing may import this module.
"""

import datetime as dt

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.context import ContextError, Level, wire_schema
from policies.pack import Pack, StackResource, message, unreadable
from policies.rules import ENVIRONMENT_RULES

LEVELS = {Level.MANDATORY: EnforcementLevel.MANDATORY, Level.ADVISORY: EnforcementLevel.ADVISORY}
STACK = "environment"
SCHEMA = PolicyConfigSchema(properties=wire_schema())
pack = Pack(pulumi.get_stack(), dt.datetime.now(tz=dt.UTC).date(), UnknownValueError)


def resource_policy(level: Level) -> Policy:
    """One policy over resources: the findings of its level, of all rules.

    The SDK copies every resource anew for each policy, which costs more than all rules together.
    """
    name = f"objects-{level}"

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = StackResource(args.resource_type, args.urn, args.props)
        try:
            findings = pack.judge(resource, name, args.get_config())
        except ContextError as error:
            report(unreadable(error))
            return
        for finding in findings:
            if finding.level is level:
                report(message(finding))

    laws = "Rules over each object; docs/policies.md lists them."
    return ResourceValidationPolicy(name, laws, validate, LEVELS[level], SCHEMA)


def stack_policy(level: Level) -> Policy:
    """One policy over the whole stack: the rules over all objects together."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = [StackResource(one.resource_type, one.urn, one.props) for one in args.resources]
        try:
            findings = pack.judge_stack(resources, args.get_config())
        except ContextError as error:
            report(unreadable(error))
            return
        for finding in findings:
            if finding.level is level:
                report(message(finding))

    laws = "Rules over all objects of the environment together; docs/policies.md lists them."
    return StackValidationPolicy(f"{STACK}-{level}", laws, validate, LEVELS[level], SCHEMA)


policies: list[Policy] = [resource_policy(level) for level in Level]
# Each policy costs the engine one more pass over all objects, so there is none for an unused level.
policies += [
    stack_policy(level) for level in Level if any(level in rule.levels for rule in ENVIRONMENT_RULES)
]
PolicyPack("environments", policies, EnforcementLevel.MANDATORY)
