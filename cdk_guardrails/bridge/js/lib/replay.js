"use strict";
/**
 * Carries edits of templates over to the constructs behind them. Real L1 properties are set, so that other Aspects and
 * cdk-nag see them; only what an L1 cannot hold, or a raw override hides, becomes a raw override.
 */
const { CfnOutput, CfnResource, Lazy, TagManager, Token } = require("aws-cdk-lib");
const { Construct } = require("constructs");
const { PLAIN_PARSER, toTyped, tokenized } = require("./convert.js");
const { addedBy, markAdded } = require("./marks.js");
const { redeploy } = require("./redeploy.js");

const SCOPE_ID = "Guardrails";
const OPTIONS = { DeletionPolicy: "deletionPolicy", UpdateReplacePolicy: "updateReplacePolicy" };
/** As strong as a tag that an author sets with `Tags.of(...)`. */
const TAG_PRIORITY = 100;

class Replay {
  /** @param entries the stacks as `snapshot` read them  @param aspect whose fixes these are */
  constructor(entries, aspect) {
    this.entries = entries;
    this.aspect = aspect;
    /** The resources that were added. */
    this.added = [];
  }

  /** Replays edits in order. @returns {object[]} those that could not be carried over, with the error */
  run(edits) {
    const problems = [];
    for (const edit of edits) {
      const entry = this.entries[edit.stack];
      try {
        this._one(entry, edit);
      } catch (error) {
        problems.push({ stack: entry.path, path: edit.path, error: error.message });
      }
    }
    return problems;
  }

  _one(entry, edit) {
    const { op, path, value } = edit;
    const [section, id, attribute, ...rest] = path;
    if (section === "Outputs") {
      return this._addOutput(entry, id, value);
    }
    if (attribute === undefined) {
      return this._addResource(entry, id, value);
    }
    const resource = entry.constructs.get(id);
    if (attribute === "Properties") {
      redeploy(entry, resource, id, edit);
      return setProperty(resource, entry, rest, op, value);
    }
    return setAttribute(resource, entry, attribute, rest, value);
  }

  /** Where added elements live: one scope per stack. No stack traces: they would name nobody's code. */
  _scope(stack) {
    const taken = stack.node.tryFindChild(SCOPE_ID);
    const id = taken && !addedBy(taken) ? `Cdk${SCOPE_ID}` : SCOPE_ID;
    let scope = stack.node.tryFindChild(id);
    if (scope === undefined) {
      scope = markAdded(new Construct(stack, id), this.aspect);
      scope.node.setContext("aws:cdk:disable-creation-stack-traces", true);
    }
    return scope;
  }

  _addResource(entry, id, definition) {
    const scope = this._scope(entry.stack);
    const type = definition.Type;
    const properties = tokenized(definition.Properties ?? {}, entry);
    const Class = typedClass(type);
    const resource = Class
      ? Class._fromCloudFormation(scope, id, { Type: type, Properties: properties }, PLAIN_PARSER)
      : new CfnResource(scope, id, { type, properties });
    this.added.push(markAdded(resource, this.aspect));
    resource.overrideLogicalId(id);
    entry.constructs.set(id, resource);
    for (const [attribute, value] of Object.entries(definition)) {
      if (attribute !== "Type" && attribute !== "Properties") {
        for (const item of attribute === "DependsOn" ? [value].flat() : [value]) {
          setAttribute(resource, entry, attribute, [], item);
        }
      }
    }
  }

  _addOutput(entry, id, { Value, Description, Condition }) {
    const output = new CfnOutput(this._scope(entry.stack), `${id}Output`, {
      value: Token.asString(tokenized(Value, entry)),
      description: Description,
      condition: Condition === undefined ? undefined : entry.constructs.get(Condition),
    });
    output.overrideLogicalId(id);
    markAdded(output, this.aspect);
    entry.constructs.set(id, output);
  }
}

/** Node takes longer to find a module again than to load it from its cache. */
const classes = new Map();

/** The L1 class of a CloudFormation type, if the installed aws-cdk-lib has one. */
function typedClass(type) {
  if (!classes.has(type)) {
    classes.set(type, findClass(type));
  }
  return classes.get(type);
}

function findClass(type) {
  const [, service, name] = type.split("::");
  const module = service === "Serverless" ? "sam" : service?.toLowerCase();
  try {
    const Class = require(`aws-cdk-lib/aws-${module}`)[`Cfn${name}`];
    return Class?.CFN_RESOURCE_TYPE_NAME === type ? Class : undefined;
  } catch {
    return undefined;
  }
}

function setAttribute(resource, entry, attribute, rest, value) {
  if (attribute === "DependsOn") {
    const target = entry.constructs.get(value);
    return (resource.addResourceDependency ?? resource.addDependency).call(resource, target);
  }
  if (attribute === "Condition") {
    resource.cfnOptions.condition = entry.constructs.get(value);
    return undefined;
  }
  if (attribute === "Metadata" && rest.length <= 1) {
    const items = rest.length === 1 ? { [rest[0]]: value } : value;
    return Object.entries(items).forEach(([key, item]) => resource.addMetadata(key, item));
  }
  const option = resource.rawOverrides[attribute] === undefined ? OPTIONS[attribute] : undefined;
  if (option !== undefined && setOption(resource, option, value)) {
    return undefined;
  }
  return resource.addOverride([attribute, ...rest].map(escapeDots).join("."), value);
}

/**
 * Sets an option, unless the construct's own validation refuses it: an L2 bucket with `autoDeleteObjects`, say, insists
 * on the policy that the fix takes away. @returns whether it was set
 */
function setOption(resource, option, value) {
  const before = resource.cfnOptions[option];
  const errors = resource.node.validate().length;
  resource.cfnOptions[option] = value;
  if (resource.node.validate().length <= errors) {
    return true;
  }
  resource.cfnOptions[option] = before;
  return false;
}

function setProperty(resource, entry, path, op, value) {
  if (resource.rawOverrides.Properties?.[path[0]] !== undefined) {
    return override(resource, entry, path, op, value);
  }
  if (setTag(resource, op, path, value, entry)) {
    return undefined;
  }
  if (typeof resource.constructor._fromCloudFormation !== "function") {
    const properties = edited(resource._cfnProperties ?? {}, path, op, tokenized(value, entry));
    resource._cfnProperties = properties;
    return undefined;
  }
  // The value that is asked for at the end of the path tells what the path is called, so a removal needs one too.
  const sample = op === "append" ? [value] : op === "remove" ? valueAt(entry, resource, path) : value;
  const typed = toTyped(resource, entry, path, sample);
  if (typed === undefined) {
    return override(resource, entry, path, op, value);
  }
  const [name, ...rest] = typed.path;
  const item = op === "append" ? typed.value[0] : typed.value;
  resource[name] = edited(resource[name], rest, op, item);
  return undefined;
}

/** Tags are kept by a TagManager. @returns whether this was about tags that are added */
function setTag(resource, op, path, value, entry) {
  const tags = TagManager.of(resource);
  if (tags === undefined || tags.tagPropertyName.toLowerCase() !== path[0].toLowerCase()) {
    return false;
  }
  const added = addedTags(op, path, value);
  for (const [key, text, propagate] of added ?? []) {
    const live = tokenized(text, entry);
    tags.setTag(key, isToken(live) ? Token.asString(live) : live, TAG_PRIORITY, propagate ?? true);
  }
  return added !== undefined;
}

/** Key, value and PropagateAtLaunch of the tags that an edit adds, in any of the shapes that tags have. */
function addedTags(op, path, value) {
  const list = op === "append" ? [value] : value;
  if (op !== "remove" && path.length === 1) {
    return Array.isArray(list) ? list.map((tag) => [tag.Key, tag.Value, tag.PropagateAtLaunch]) : Object.entries(list);
  }
  return op === "set" && path.length === 2 && typeof path[1] === "string" ? [[path[1], value]] : undefined;
}

/** `current` with the edit made: plain data is copied on the way, a token is wrapped. */
function edited(current, path, op, value) {
  if (isToken(current) || (Array.isArray(current) && current.some(isToken))) {
    return Lazy.uncachedAny({ produce: (context) => edited(context.resolve(current), path, op, value) });
  }
  if (path.length === 0) {
    return op === "append" ? [...(current ?? []), value] : op === "remove" ? undefined : value;
  }
  const [key, ...rest] = path;
  if (op === "remove" && rest.length === 0 && Array.isArray(current)) {
    return current.filter((_, index) => index !== key);
  }
  const changed = edited(current?.[key], rest, op, value);
  if (Array.isArray(current)) {
    return current.map((item, index) => (index === key ? changed : item));
  }
  const copy = { ...current, [key]: changed };
  if (changed === undefined) {
    delete copy[key];
  }
  return copy;
}

function isToken(value) {
  return Token.isUnresolved(value);
}

/** Sets the whole property as CloudFormation will see it: an override hides the L1's own value, or it knows none. */
function override(resource, entry, path, op, value) {
  const dotted = path.map(escapeDots).join(".");
  if (op === "remove") {
    return resource.addPropertyDeletionOverride(dotted);
  }
  const definition = resource.stack.resolve(resource._toCloudFormation()).Resources;
  const properties = Object.values(definition)[0].Properties ?? {};
  const changed = edited(properties, path, op, tokenized(value, entry));
  return resource.addPropertyOverride(escapeDots(path[0]), changed[path[0]]);
}

function valueAt(entry, resource, path) {
  const definition = entry.data.Resources[resource.stack.resolve(resource.logicalId)];
  return path.reduce((value, part) => value?.[part], definition?.Properties);
}

function escapeDots(part) {
  return String(part).replace(/\\/g, "\\\\").replace(/\./g, "\\.");
}

module.exports = { Replay };
