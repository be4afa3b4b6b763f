"""What Guardrails cost at synth, against nothing, an empty Aspect, the same by hand, and cdk-nag (`make bench`)."""
