"use strict";
/**
 * From CloudFormation's shape to that of a typed L1. The L1 classes know how (`_fromCloudFormation`), so a scratch
 * resource is made with the edited property alone, and what its L1 holds is what the real one is to hold.
 */
const { App, CfnResource, Stack, Token, Tokenization } = require("aws-cdk-lib");
const { FOREIGN_REF } = require("./snapshot.js");

/** What `_fromCloudFormation` asks for: values are taken as they are, attributes are set elsewhere. */
const PLAIN_PARSER = { parser: { parseValue: (value) => value, handleAttributes() {} } };

/** What was converted before, by type, path and value. A value with references is good for its own stack only. */
const plainMemo = new Map();
let scratchStack;

/**
 * @returns {{path: (string|number)[], value: any} | undefined} path and value for the L1, undefined when this L1 class
 *   does not know the property (it is newer than the installed aws-cdk-lib, say)
 */
function toTyped(resource, entry, path, value) {
  const memo = hasIntrinsic(value) ? (entry.memo ??= new Map()) : plainMemo;
  const key = JSON.stringify([resource.cfnResourceType, path, value]);
  if (!memo.has(key)) {
    memo.set(key, convert(resource, entry, path, value));
  }
  return memo.get(key);
}

function convert(resource, entry, path, value) {
  const [property, ...rest] = path;
  const live = tokenized(value, entry);
  const nested = rest.reduceRight((inner, part) => (typeof part === "number" ? [inner] : { [part]: inner }), live);
  const properties = { [property]: nested };
  const scratch =
    makeScratch(resource, properties) ?? makeScratch(resource, { ...writtenOf(resource, entry), ...properties });
  if (scratch === undefined || scratch.rawOverrides.Properties?.[property] !== undefined) {
    return undefined;
  }
  const name = memberName(scratch, property);
  let held = name === undefined ? undefined : scratch[name];
  const typedPath = [name];
  for (const part of rest) {
    const key = typeof part === "number" ? 0 : onlyKey(held);
    if (held === undefined || key === undefined) {
      return undefined;
    }
    typedPath.push(typeof part === "number" ? part : key);
    held = held[key];
  }
  return name === undefined || held === undefined ? undefined : { path: typedPath, value: held };
}

/** A resource of the same class, off the app's tree; undefined when its constructor refuses the properties. */
function makeScratch(resource, properties) {
  scratchStack ??= makeScratchStack();
  const definition = { Type: resource.cfnResourceType, Properties: properties };
  try {
    return resource.constructor._fromCloudFormation(scratchStack, "Scratch", definition, PLAIN_PARSER);
  } catch {
    return undefined;
  } finally {
    scratchStack.node.tryRemoveChild("Scratch");
  }
}

function makeScratchStack() {
  const app = new App({ autoSynth: false, treeMetadata: false, analyticsReporting: false });
  app.node.setContext("aws:cdk:disable-stack-trace", true);
  return new Stack(app, "Scratch");
}

/** The properties as written, some of which the constructor may require; intrinsics as tokens. */
function writtenOf(resource, entry) {
  return tokenized(entry.data.Resources[resource.stack.resolve(resource.logicalId)]?.Properties ?? {}, entry);
}

/** The L1's name of a CloudFormation property: it differs in case only. */
function memberName(resource, property) {
  const wanted = property.toLowerCase();
  for (let object = resource; object && object !== CfnResource.prototype; object = Object.getPrototypeOf(object)) {
    const name = Object.getOwnPropertyNames(object).find((candidate) => candidate.toLowerCase() === wanted);
    if (name !== undefined) {
      return name;
    }
  }
  return undefined;
}

function onlyKey(object) {
  if (object === null || typeof object !== "object" || Array.isArray(object)) {
    return undefined;
  }
  const keys = Object.keys(object).filter((key) => object[key] !== undefined);
  return keys.length === 1 ? keys[0] : undefined;
}

function isIntrinsic(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return false;
  }
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === "Ref" || keys[0].startsWith("Fn::"));
}

function hasIntrinsic(value) {
  if (value === null || typeof value !== "object") {
    return false;
  }
  return isIntrinsic(value) || Object.values(value).some(hasIntrinsic);
}

/** `value` with every intrinsic made a token, and every Ref and GetAtt to an element of the stack a live reference. */
function tokenized(value, entry) {
  if (value === null || typeof value !== "object") {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => tokenized(item, entry));
  }
  if (!isIntrinsic(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, tokenized(item, entry)]));
  }
  return liveReference(value, entry) ?? Token.asAny(mapIntrinsic(value, entry));
}

function mapIntrinsic(value, entry) {
  const [[name, argument]] = Object.entries(value);
  return { [name]: tokenized(argument, entry) };
}

function liveReference(value, entry) {
  const [[name, argument]] = Object.entries(value);
  if (name === "Ref") {
    const target = entry.constructs.get(argument);
    return target?.ref === undefined ? undefined : Tokenization.reverse(target.ref);
  }
  if (name === "Fn::GetAtt") {
    const [id, ...attribute] = Array.isArray(argument) ? argument : argument.split(".");
    return entry.constructs.get(id)?.getAtt?.(attribute.join("."));
  }
  if (name === FOREIGN_REF) {
    const target = findByPath(entry.stack.node.root, argument.Path);
    const isRef = argument.Attribute === "" || argument.Attribute === "Ref";
    return target && (isRef ? Tokenization.reverse(target.ref) : target.getAtt(argument.Attribute));
  }
  return undefined;
}

function findByPath(root, path) {
  return path.split("/").reduce((node, id) => node?.node.tryFindChild(id), root);
}

module.exports = { PLAIN_PARSER, toTyped, tokenized };
