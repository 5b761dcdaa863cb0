"""Sentences of tasks, drawn with a seed: small backends that are all different and need the same care."""

import random

_THINGS = (
    ("orchard", "tree"), ("canal", "lock"), ("quarry", "block"), ("vineyard", "barrel"), ("reef", "dive"),
    ("bridge", "inspection"), ("kennel", "dog"), ("forge", "blade"), ("observatory", "telescope"),
    ("ferry", "crossing"), ("mill", "sack"), ("dojo", "lesson"), ("orchestra", "rehearsal"),
    ("greenhouse", "seedling"), ("windmill", "repair"), ("fleet", "truck"), ("herd", "calf"),
    ("glacier", "measurement"), ("dairy", "cheese"), ("tannery", "hide"), ("pier", "mooring"), ("sawmill", "plank"),
    ("hangar", "glider"), ("choir", "song"), ("brewery", "keg"), ("smokehouse", "ham"), ("tower", "bell"),
    ("bakery", "loaf"), ("marina", "yacht"), ("stable", "saddle"), ("pottery", "vase"), ("foundry", "casting"),
    ("hatchery", "trout"), ("rink", "skate"), ("lagoon", "canoe"), ("summit", "ascent"), ("tram", "ride"),
    ("shipyard", "hull"), ("cellar", "bottle"), ("weir", "reading"), ("ranch", "fence"), ("garage", "engine"),
    ("cinema", "screening"), ("tavern", "barstool"), ("aviary", "finch"), ("temple", "statue"), ("tunnel", "survey"),
    ("colliery", "shift"), ("nursery", "shrub"), ("gallery", "sculpture"), ("crypt", "relic"), ("cannery", "crate"),
    ("printer", "cartridge"), ("falconry", "falcon"), ("regatta", "heat"), ("spring", "sample"),
    ("station", "platform"), ("workshop", "lathe"), ("island", "lighthouse"), ("meadow", "hive"),
    ("harbour", "crane"), ("bazaar", "stall"), ("circus", "acrobat"), ("depot", "wagon"),
)  # fmt: skip
_PLURALS = {"calf": "calves", "loaf": "loaves", "trout": "trout"}
_FIELDS = (
    "(title, notes, weight)", "(title, price, done)", "(label, length, comment)", "(name, height, done)",
)  # fmt: skip
MOST = len(_THINGS)


def draw_sentences(seed: int, count: int) -> tuple[str, ...]:
    """`count` different sentences, at most MOST. One in two needs a login."""
    if count > MOST:
        raise ValueError(f"there are {MOST} sentences, not {count}")
    chance = random.Random(seed)  # a draw that can be repeated
    return tuple(_sentence(chance, parent, child) for parent, child in chance.sample(_THINGS, count))


def _sentence(chance: random.Random, parent: str, child: str) -> str:
    parts = [
        f"Backend only: {_plural(parent)} with a unique name, start date and end date, and {_plural(child)} "
        f"{chance.choice(_FIELDS)}",
        f"{_article(child)} {child} belongs to {_article(parent)} {parent}",
    ]
    parts += ["login required"] if chance.random() < 0.5 else []
    parts += [f"search {_plural(parent)} by name"] if chance.random() < 0.5 else []
    return "; ".join(parts)


def _plural(noun: str) -> str:
    if noun in _PLURALS:
        return _PLURALS[noun]
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
