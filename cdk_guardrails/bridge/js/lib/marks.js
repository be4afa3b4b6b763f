"use strict";
/** How our own aspects and the constructs that we add are recognised. */
const BATCH_ASPECT = Symbol.for("cdk-guardrails.BatchAspect");
const ADDED = Symbol.for("cdk-guardrails.added");
const ASPECTS = Symbol.for("cdk-aspects");

/** Marks a construct that a fix of `aspect` added (or the scope that holds such constructs). */
function markAdded(construct, aspect) {
  Object.defineProperty(construct, ADDED, { value: aspect });
  const root = construct.node.root;
  addedIn.set(root, [...(addedIn.get(root) ?? []), construct]);
  return construct;
}

const addedIn = new WeakMap();

/** The aspect whose fix added this construct, if one did. */
function addedBy(construct) {
  return construct[ADDED];
}

/** The constructs below `root` that fixes added. */
function addedBelow(root) {
  return (addedIn.get(root.node.root) ?? []).filter((construct) => construct.node.scopes.includes(root));
}

/** The aspects on a construct, without making its (lazily made) Aspects object. */
function aspectsOn(construct) {
  return construct[ASPECTS]?.all ?? [];
}

module.exports = { BATCH_ASPECT, markAdded, addedBy, addedBelow, aspectsOn };
