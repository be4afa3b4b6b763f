"use strict";
/** Everything about a scope as plain data: its templates, where each resource comes from, and what was acknowledged. */
const { CfnElement, CfnResource, DefaultTokenResolver, Reference, Stack, Stage, Token, Tokenization } = require("aws-cdk-lib");
const { subtree } = require("./visits.js");

/** Named like a function of CloudFormation, so that the L1 classes take it for a value that is not known yet. */
const FOREIGN_REF = "Fn::ForeignRef";
const ACKNOWLEDGED = "aws:cdk:acknowledged-rules";
const SUPPRESSED = "cdk-guardrails:suppress";
const CREATION_STACK = "aws:cdk:creationStack";

/**
 * @param root the scope of the aspect
 * @param {Set} nodes what is to be treated; the rest of their stacks is context
 * @returns the message for Python, and for the replay the stacks in the same order
 */
function snapshot(root, nodes) {
  const unresolved = [];
  const stacks = stacksOf(root, nodes).map((stack) => readStack(stack, nodes, unresolved));
  return {
    stacks,
    message: {
      stacks: stacks.map(({ stack, path, data, elements }) => ({ path, ...environmentOf(stack), data, elements })),
      suppressions: suppressionsIn(root.node.root),
      unresolved,
    },
  };
}

/** The stacks that the resources among `nodes` belong to, in the order of the tree. */
function stacksOf(root, nodes) {
  const stacks = new Set();
  for (const node of nodes) {
    if (CfnResource.isCfnResource(node)) {
      stacks.add(node.stack);
    }
  }
  return [...stacks];
}

function readStack(stack, nodes, unresolved) {
  const data = { Resources: {} };
  const elements = {};
  const constructs = new Map();
  const resolver = new SnapshotResolver(stack);
  for (const element of subtree(stack)) {
    if (!CfnElement.isCfnElement(element) || element.stack !== stack) {
      continue;
    }
    try {
      const fragment = resolver.read(element);
      merge(data, fragment);
      const id = logicalIdOf(element, fragment);
      constructs.set(id, element);
      if (CfnResource.isCfnResource(element) && data.Resources[id]) {
        elements[id] = { path: element.node.path, source: sourceOf(element), treat: nodes.has(element) };
      }
    } catch (error) {
      unresolved.push({ stack: stack.node.path, path: element.node.path, error: error.message });
    }
  }
  resolver.forgetCached();
  return { stack, path: stack.node.path, data, elements, constructs };
}

/** The account and region that the stack is rendered for: CDK writes these as literals wherever they are used. */
function environmentOf(stack) {
  const [account, region] = [stack.account, stack.region].map((value) => (Token.isUnresolved(value) ? "" : value));
  return { account, region };
}

/** The fragment of a resource names it; only of other elements the logical id must be resolved. */
function logicalIdOf(element, fragment) {
  const [id] = CfnResource.isCfnResource(element) ? Object.keys(fragment?.Resources ?? {}) : [];
  return id ?? element.stack.resolve(element.logicalId);
}

/** Adds the sections of a template fragment to a template. */
function merge(data, fragment) {
  for (const [section, content] of Object.entries(fragment ?? {})) {
    if (content !== null && typeof content === "object" && !Array.isArray(content)) {
      data[section] = { ...data[section], ...content };
    } else {
      data[section] = content;
    }
  }
}

/**
 * Resolves an element as its stack would, but marks references to other stacks: at this time the CDK renders them as a
 * plain Ref with that stack's logical id, which a neighbour may have too.
 */
class SnapshotResolver extends DefaultTokenResolver {
  constructor(stack) {
    super({ join: joinFragments });
    this.stack = stack;
    this.cachedByUs = new Set();
  }

  read(element) {
    return Tokenization.resolve(element._toCloudFormation(), { scope: element, resolver: this, preparing: false });
  }

  resolveToken(token, context, postProcessor) {
    if (Reference.isReference(token) && token.target.node && isForeign(token, this.stack)) {
      return foreignMarker(token);
    }
    const lazy = token.inner ?? token;
    if (lazy.cache === true && lazy._cached === undefined) {
      this.cachedByUs.add(lazy);
    }
    return super.resolveToken(token, context, postProcessor);
  }

  /** A Lazy that is made to be asked once must not keep what it said before the other aspects are done. */
  forgetCached() {
    this.cachedByUs.forEach((lazy) => (lazy._cached = undefined));
  }
}

function isForeign(reference, stack) {
  return CfnElement.isCfnElement(reference.target) && Stack.of(reference.target) !== stack;
}

function foreignMarker(reference) {
  const target = reference.target;
  return {
    [FOREIGN_REF]: {
      Path: target.node.path,
      LogicalId: target.stack.resolve(target.logicalId),
      Attribute: reference.displayName ?? "",
    },
  };
}

/** How strings with tokens in them are put together: one flat Fn::Join. */
function joinFragments(left, right) {
  if (left === undefined || right === undefined) {
    return left ?? right;
  }
  const parts = [...joinParts(left), ...joinParts(right)].reduce((joined, part) => {
    const last = joined.length - 1;
    if (typeof part === "string" && typeof joined[last] === "string") {
      joined[last] += part;
    } else {
      joined.push(part);
    }
    return joined;
  }, []);
  return parts.length === 1 && typeof parts[0] === "string" ? parts[0] : { "Fn::Join": ["", parts] };
}

function joinParts(value) {
  if (typeof value !== "object") {
    return [`${value}`];
  }
  const join = value["Fn::Join"];
  return Array.isArray(join) && join[0] === "" && Array.isArray(join[1]) ? join[1] : [value];
}

/** Looking it up once serves the fixes and the check. */
const sources = new WeakMap();

/** `file:line` of the user's Python that made the construct, when jsii passed stack traces on. */
function sourceOf(construct) {
  if (!sources.has(construct)) {
    sources.set(construct, findSource(construct));
  }
  return sources.get(construct);
}

function findSource(construct) {
  const trace = construct.node.metadata.find((entry) => entry.type === CREATION_STACK)?.data;
  for (const frame of Array.isArray(trace) ? trace : []) {
    const match = /\((.+\.py):(\d+)/.exec(frame);
    if (match && !match[1].includes("site-packages")) {
      return `${match[1]}:${match[2]}`;
    }
  }
  return "";
}

/** What was acknowledged or suppressed anywhere in the tree. Ids that name another plugin are not ours. */
function suppressionsIn(app) {
  const found = [];
  for (const node of subtree(app, { stages: true })) {
    for (const entry of node.node.metadata) {
      if (entry.type === SUPPRESSED) {
        found.push({ path: node.node.path, form: "suppress", ...entry.data });
      } else if (entry.type === ACKNOWLEDGED && entry.data) {
        for (const [id, reason] of Object.entries(entry.data)) {
          found.push({ path: node.node.path, form: "acknowledge", id, reason });
        }
      }
    }
  }
  return found.filter(({ id }) => /^(cdk-guardrails|annotation)::|^[^:]*$/i.test(id));
}

/**
 * For the check of the finished templates: resources by template file and logical id, what assets were made from by
 * their hash, and all suppressions.
 */
function describeApp(root) {
  const templates = {};
  const assets = {};
  for (const node of subtree(root, { stages: true })) {
    if (isStaging(node)) {
      assets[node.assetHash] = node.sourcePath;
    }
    if (CfnResource.isCfnResource(node)) {
      const stack = node.stack;
      const stage = Stage.of(stack);
      const key = `${stage.outdir}/${stack.templateFile}`;
      templates[key] ??= { path: stack.node.path, ...environmentOf(stack), elements: {} };
      templates[key].elements[stack.resolve(node.logicalId)] = { path: node.node.path, source: sourceOf(node) };
    }
  }
  return { outdir: root.outdir, templates, assets, suppressions: suppressionsIn(root) };
}

/** AssetStaging, of which several copies of a library may each have a class of their own. */
function isStaging(node) {
  return typeof node.assetHash === "string" && typeof node.sourcePath === "string";
}

module.exports = { snapshot, describeApp, FOREIGN_REF };
