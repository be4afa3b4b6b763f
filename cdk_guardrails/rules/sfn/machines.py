"""State machines of both kinds, Step Functions' and SAM's."""

from __future__ import annotations

from typing import Final

STATE_MACHINE: Final = "AWS::StepFunctions::StateMachine"
SAM_STATE_MACHINE: Final = "AWS::Serverless::StateMachine"

ROLE: Final = {STATE_MACHINE: "RoleArn", SAM_STATE_MACHINE: "Role"}
"""The property that names the role; SAM makes one when it is left out."""

TYPES: Final = tuple(ROLE)
