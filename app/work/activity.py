"""The acts of a project's history in words. Pure."""

# What stands after the actor's name. A verb that is missing here is shown as it is stored.
LABELS = {
    "project.create": "created the project",
    "project.update": "changed the name or the system prompt",
    "project.change_policy": "changed the policy",
    "project.change_clauses": "changed the clauses",
    "project.check": "had all checked again",
    "project.export": "exported approved pairs",
    "instruction.add": "added an instruction",
    "instruction.rephrase": "changed an instruction's phrasings",
    "guidelines.publish": "published guidelines",
    "member.set": "set a member's roles",
    "member.remove": "removed a member",
    "attestation.give": "confirmed writing without generative AI",
    "document.import": "imported a document",
    "document.update": "changed a document's details",
    "document.start_reading": "had the original read again of a document",
    "document.finish_reading": "read the original again of a document",
    "document.withdraw": "withdrew a document",
    "document.restore": "restored a document",
    "task.plan": "planned a task",
    "import.start": "started an import",
    "import.finish": "finished an import",
    "sample.start": "began a sample",
    "sample.submit": "submitted",
    "sample.recall": "took a submission back",
    "sample.skip": "skipped",
    "sample.resume": "resumed",
    "sample.release": "released",
    "sample.approve": "approved",
    "sample.request_changes": "requested changes to",
    "sample.reject": "rejected",
    "sample.undo": "took back the decision on",
    "sample.edit": "edited, as reviewer,",
    "sample.reopen": "reopened",
    "release.create": "created a release",
}

# What a verb begins with, and what it is called in a list of choices.
FAMILY_LABELS = {
    "sample": "Samples",
    "task": "Tasks",
    "document": "Documents",
    "import": "Imports",
    "project": "The project",
    "instruction": "Instructions",
    "guidelines": "Guidelines",
    "member": "Members",
    "attestation": "Attestations",
    "release": "Releases",
}
FAMILIES = tuple(FAMILY_LABELS)

# Subjects that have a page of their own.
_PAGES = {"sample": "/samples/{}", "document": "/documents/{}"}


def label(verb: str) -> str:
    """The act in words, to stand after the actor's name."""
    return LABELS.get(verb, verb.replace(".", " ").replace("_", " "))


def address(subject_type: str, subject_id: int) -> str:
    """The page of the act's subject; "" where it has none."""
    return _PAGES.get(subject_type, "").format(subject_id)


def named(details: dict[str, object]) -> str:
    """The name that an act's details hold (of a member, of an instruction); "" where there is none."""
    name = details.get("name") or details.get("key") or ""
    return name if isinstance(name, str) else ""
