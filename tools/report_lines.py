"""The lines of the four failure reports that the rules answer: what failed in stacks that were written in a hurry."""

from __future__ import annotations

from typing import Final

REPORTS: Final = {
    "A": "A serverless API with a bucket, a table and one function",
    "B": "Several functions with CloudTrail, a VPC and KMS",
    "C": "An app with Cognito, for dev and prod",
    "D": "A small API with one table and inline functions",
}

REPORT_LINES: Final = {
    "A1.1": "Event sources that nothing uses; NODE_OPTIONS on Python functions; a dict for StageOptions",
    "A2.1": "A dependency of the function is not packaged",
    "A2.2": "RemovalPolicy.DESTROY on data, whatever the environment",
    "A2.3": "No outputs for the function's ARN, the log group's name, the table's ARN",
    "A3.1": "s3:PutObjectAcl granted without need; methods without API key",
    "A3.2": "Log groups without encryption",
    "A4.1": "A function's timeout of 60 seconds that nobody chose",
    "A4.2": "No throttling of single methods",
    "A5.1": "No metrics of the API",
    "A5.2": "A function that logs neither results nor errors",
    "A6.1": "Names and regions written as literals",
    "A6.2": "No tags (Environment, Department)",
    "B1.1": "An import is missing for alarm actions",
    "B1.2": "A method that the CDK does not have (bucket.grant)",
    "B1.3": "A deprecated parameter for point-in-time recovery",
    "B2.1": "Reserved concurrency leaves the account too little unreserved",
    "B2.2": "The key's policy does not let CloudTrail use it",
    "B2.3": "A trail that cannot be deployed",
    "B3.1": "Buckets accept plain HTTP",
    "B3.2": "Roles may do too much",
    "B3.3": "Buckets do not block public access",
    "B4.1": "128 MB of memory because nobody chose",
    "B4.2": "NAT gateways without thought for what they cost",
    "B4.3": "PAY_PER_REQUEST whatever the workload",
    "B5.1": "No alarms for tables, no record of what buckets do",
    "B5.2": "Functions without X-Ray tracing",
    "B6.1": "No tags (Environment, Owner, Project)",
    "B6.2": "No outputs for buckets, tables and functions",
    "C1.1": "No type annotations",
    "C1.2": "Names without the environment, or in several styles",
    "C1.3": "Passwords and regions written as literals",
    "C2.1": "The same capacity, versioning and memory in dev and prod",
    "C2.2": "Everything in one file and one scope",
    "C2.3": "Shared dependencies bundled with each function",
    "C3.1": "Buckets accept plain HTTP",
    "C3.2": "Roles that allow s3:*",
    "C3.3": "User pools without MFA and advanced security",
    "C3.4": "Buckets do not block public access",
    "C4.1": "Tables with fixed capacity and no auto scaling",
    "C4.2": "No reserved concurrency for critical functions",
    "C4.3": "No structured logs, no correlation ids",
    "C5.1": "No alarms for errors, throttling, latency",
    "C5.2": "No X-Ray tracing of functions and APIs",
    "C5.3": "No access logs of the API",
    "D1.1": "Inline code over the limit",
    "D1.2": "Dependencies between resources that CloudFormation cannot see",
    "D1.3": "No outputs for the KMS key and the environment",
    "D2.1": "No caching in API Gateway",
    "D2.2": "No point-in-time recovery",
    "D2.3": "Resources that a rollback leaves behind",
    "D3.1": "Roles may do too much",
    "D3.2": "Variables of functions without KMS encryption",
    "D3.3": "CORS for every origin",
    "D4.1": "No execution logs of the API",
    "D4.2": "Logs without retention",
    "D4.3": "A function's timeout of 15 seconds that nobody chose",
}
"""By line: report and section. What they are about, in a few words."""

IN_CODE: Final = frozenset({"A2.1", "B1.2", "C1.1", "C2.3"})
"""Lines about code alone: no rule about resources answers them, but one that reads code."""
