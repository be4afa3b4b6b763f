"use strict";
/**
 * Carries an aspect into nested Stages: the CDK does not (aws-cdk issue 20468), and has synthesized them before the
 * aspects of the App are invoked.
 */
const { Aspects, NestedStack, Stage } = require("aws-cdk-lib");
const { BATCH_ASPECT, aspectsOn } = require("./marks.js");
const { subtree } = require("./visits.js");

/**
 * Adds `aspect` to every Stage below `root` and synthesizes those again.
 * @returns {{path: string, error: string}[]} the Stages that could not be covered
 */
function coverNestedStages(root, aspect, carriedFrom) {
  const uncovered = [];
  const priority = Aspects.of(root).applied.find((application) => application.aspect === aspect)?.priority;
  const stages = subtree(root, { stages: true }).filter((node) => Stage.isStage(node) && node !== root);
  // Inner ones first: an outer Stage takes over the assemblies of its own as they are.
  for (const stage of stages.reverse()) {
    if (!aspectsOn(stage).includes(aspect)) {
      carriedFrom.set(stage, root);
      Aspects.of(stage).add(aspect, { priority });
    }
    try {
      synthesizeAgain(stage);
    } catch (error) {
      uncovered.push({ path: stage.node.path, error: error.message });
    }
  }
  return uncovered;
}

function synthesizeAgain(stage) {
  const nodes = subtree(stage);
  for (const nested of nodes.filter((node) => NestedStack.isNestedStack(node))) {
    forgetTemplateAsset(nested);
  }
  const wakeOthers = quietOtherAspects(nodes);
  try {
    stage.synth({ force: true });
  } finally {
    wakeOthers();
  }
}

/**
 * The asset of a nested stack's template is named by its content. It was prepared by the first synthesis; without
 * this, the changed template would be published under the old name, that is: not at all.
 */
function forgetTemplateAsset(nested) {
  const url = nested._templateUrl;
  if (url && typeof url.set === "function") {
    url.set(null);
  } else {
    nested._templateUrl = undefined;
  }
  for (let stack = nested.nestedStackParent; stack; stack = stack.nestedStackParent) {
    const files = stack.synthesizer.assetManifest?.files ?? {};
    for (const [hash, file] of Object.entries(files)) {
      if (file.source?.path === nested.templateFile) {
        delete files[hash];
      }
    }
  }
}

/**
 * Other aspects have visited these nodes already, and need not be fit for a second visit. They are still called for
 * what is added from now on. Returns the function that puts them back.
 */
function quietOtherAspects(nodes) {
  const visited = new Set(nodes);
  const others = new Set(nodes.flatMap((node) => aspectsOn(node)).filter((aspect) => !aspect[BATCH_ASPECT]));
  const restore = [];
  for (const aspect of others) {
    const own = Object.getOwnPropertyDescriptor(aspect, "visit");
    const visit = aspect.visit;
    const quiet = (node) => (visited.has(node) ? undefined : visit.call(aspect, node));
    Object.defineProperty(aspect, "visit", { value: quiet, configurable: true, writable: true });
    restore.push(() => (own ? Object.defineProperty(aspect, "visit", own) : delete aspect.visit));
  }
  return () => restore.forEach((putBack) => putBack());
}

module.exports = { coverNestedStages };
