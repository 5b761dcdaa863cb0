"""English singulars, plurals and base forms of verbs, as far as names of things and actions need them."""

import re
from functools import lru_cache

IRREGULAR = {
    "person": "people", "child": "children", "man": "men", "woman": "women", "foot": "feet", "tooth": "teeth", "goose": "geese",
    "mouse": "mice", "ox": "oxen", "quiz": "quizzes", "criterion": "criteria", "phenomenon": "phenomena", "datum": "data",
    "medium": "media", "analysis": "analyses", "diagnosis": "diagnoses", "thesis": "theses", "crisis": "crises",
    "basis": "bases", "axis": "axes", "hypothesis": "hypotheses", "index": "indexes", "matrix": "matrices",
    "vertex": "vertices", "leaf": "leaves", "loaf": "loaves", "shelf": "shelves", "half": "halves", "knife": "knives",
    "wife": "wives", "life": "lives", "wolf": "wolves", "calf": "calves", "thief": "thieves", "scarf": "scarves",
    "elf": "elves", "hoof": "hooves", "curriculum": "curricula", "syllabus": "syllabuses", "cactus": "cacti",
    "fungus": "fungi", "alumnus": "alumni", "stimulus": "stimuli", "appendix": "appendices", "bus": "buses",
    "gas": "gases", "lens": "lenses", "status": "statuses", "virus": "viruses", "campus": "campuses", "bonus": "bonuses",
    "hero": "heroes", "potato": "potatoes", "tomato": "tomatoes", "echo": "echoes", "veto": "vetoes", "cargo": "cargoes",
    "movie": "movies", "cookie": "cookies", "zombie": "zombies", "calorie": "calories", "selfie": "selfies",
    "cache": "caches", "niche": "niches", "headache": "headaches", "axe": "axes", "shoe": "shoes", "canoe": "canoes",
    "series": "series", "species": "species", "sheep": "sheep", "fish": "fish", "deer": "deer", "aircraft": "aircraft",
    "spacecraft": "spacecraft", "offspring": "offspring", "chassis": "chassis", "salmon": "salmon", "moose": "moose",
    "menu": "menus", "ski": "skis", "taxi": "taxis", "guru": "gurus",
    "todo": "todos", "photo": "photos", "memo": "memos", "piano": "pianos", "video": "videos", "logo": "logos",
    "bureau": "bureaus", "chef": "chefs", "chief": "chiefs", "roof": "roofs", "belief": "beliefs", "proof": "proofs",
    "brief": "briefs", "passerby": "passersby", "money": "money", "caches": "caches", "tie": "ties", "pie": "pies", "die": "dice",
    "lie": "lies", "size": "sizes", "prize": "prizes", "house": "houses", "case": "cases", "course": "courses",
    "release": "releases", "warehouse": "warehouses", "expense": "expenses", "license": "licenses", "licence": "licences",
    "response": "responses", "purchase": "purchases", "exercise": "exercises", "phase": "phases", "base": "bases",
    "database": "databases", "nurse": "nurses", "horse": "horses", "vase": "vases", "disease": "diseases", "lease": "leases",
    "clause": "clauses", "franchise": "franchises", "enterprise": "enterprises", "merchandise": "merchandise",
    "greenhouse": "greenhouses", "hose": "hoses", "rose": "roses", "nose": "noses", "dose": "doses", "pose": "poses",
    "purse": "purses", "verse": "verses", "universe": "universes", "spouse": "spouses", "bruise": "bruises", "cruise": "cruises",
    "cause": "causes", "pause": "pauses", "image": "images", "cheese": "cheeses", "sense": "senses", "defense": "defenses",
    "maze": "mazes", "breeze": "breezes", "gauze": "gauzes", "bronze": "bronzes", "adhesive": "adhesives", "alias": "aliases",
    "atlas": "atlases", "canvas": "canvases", "iris": "irises", "trellis": "trellises", "census": "censuses",
    "octopus": "octopuses", "walrus": "walruses", "circus": "circuses", "sku": "skus", "gps": "gps", "sms": "sms",
    "anniversary": "anniversaries", "chorus": "choruses", "genus": "genera", "corps": "corps", "focus": "focuses",
    "nexus": "nexuses", "prospectus": "prospectuses", "plus": "pluses", "surplus": "surpluses",
}  # fmt: skip
"""Singular to plural, where the rules below would fail in one direction or the other."""
UNCOUNTABLE = frozenset({
    "equipment", "attendance", "information", "software", "hardware", "furniture", "luggage", "feedback", "news", "stock",
    "inventory", "staff", "traffic", "music", "research", "advice", "homework", "knowledge", "jewelry", "jewellery",
    "clothing", "weather", "gear", "machinery", "rice", "water", "progress", "access", "process", "address", "glass",
    "class", "boss", "business", "loss", "pass", "mass", "bass", "dress", "press", "stress", "guess", "chess",
    "grass", "mess", "fitness", "witness", "wellness", "illness", "mattress",
})  # fmt: skip
_NOT_PLURAL_ENDINGS = ("ss", "us", "is")
_SINGULARS = {plural: single for single, plural in IRREGULAR.items()}
_UNCHANGED = UNCOUNTABLE - set(
    {
    "process", "address", "glass", "class", "boss", "business", "loss", "pass", "mass", "bass", "dress", "press",
    "guess", "mess", "witness", "illness", "mattress",
})  # fmt: skip


@lru_cache(maxsize=4096)
def singular(word: str) -> str:
    """`categories` -> `category`; a word that is singular already comes back as it is. Lower-case input."""
    if word in IRREGULAR or word in UNCOUNTABLE:
        return word
    if word in _SINGULARS:
        return _SINGULARS[word]
    if len(word) < 3 or not word.endswith("s") or word.endswith(_NOT_PLURAL_ENDINGS):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=4096)
def plural(word: str) -> str:
    """`category` -> `categories`. Lower-case singular input."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word in _UNCHANGED:
        return word
    if re.search(r"[^aeiou]y$", word) or word.endswith("quy"):
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    return word + "s"


def is_plural(word: str) -> bool:
    """True when the word is a plural that differs from its singular."""
    return singular(word) != word


_IRREGULAR_VERBS = {
    "lent": "lend", "bought": "buy", "sold": "sell", "sent": "send", "taken": "take", "took": "take", "held": "hold",
    "kept": "keep", "made": "make", "given": "give", "gave": "give", "written": "write", "wrote": "write", "left": "leave",
    "seen": "see", "saw": "see", "paid": "pay", "built": "build", "done": "do", "did": "do", "got": "get", "had": "have",
    "has": "have", "went": "go", "gone": "go", "goes": "go", "does": "do", "borrowed": "borrow", "chosen": "choose",
    "tying": "tie", "enrolled": "enrol", "enrolls": "enrol", "enroll": "enrol", "enrolling": "enrol", "rsvps": "rsvp",
    "favorite": "favourite", "favorites": "favourite", "favourites": "favourite", "organise": "organize", "labelling": "label",
    "tracking": "track", "logging": "log", "planning": "plan", "submitting": "submit", "tagging": "tag", "running": "run",
    "booking": "book", "rating": "rate", "voting": "vote", "managing": "manage", "sharing": "share", "storing": "store",
    "organizing": "organize", "organising": "organize", "scheduling": "schedule", "writing": "write", "creating": "create",
    "browsing": "browse", "reserving": "reserve", "leaving": "leave", "hiring": "hire", "purchasing": "purchase",
    "making": "make", "taking": "take", "giving": "give", "saving": "save", "subscribing": "subscribe", "donating": "donate",
    "liking": "like", "completing": "complete", "updating": "update", "deleting": "delete", "removing": "remove",
    "handling": "handle", "exchanging": "exchange", "trading": "trade", "cataloging": "catalogue", "cataloguing": "catalogue",
    "pledging": "pledge", "grading": "grade", "taught": "teach", "told": "tell", "led": "lead", "met": "meet",
    "grown": "grow", "known": "know", "shown": "show", "drawn": "draw", "found": "find", "stored": "store", "located": "locate",
    "used": "use", "using": "use", "uses": "use",
}  # fmt: skip


def is_participle(word: str) -> bool:
    """`recorded`, `paid`, `given`: shaped like the passive of a verb. Lower-case input."""
    return (word in _IRREGULAR_VERBS and word.endswith(("t", "d", "n", "ne", "de"))) or (
        word.endswith("ed") and len(word) > 4
    )


@lru_cache(maxsize=4096)
def base_verb(word: str) -> str:
    """`borrows`, `borrowed`, `borrowing` -> `borrow`. Lower-case input; unknown shapes come back as they are."""
    if word in _IRREGULAR_VERBS:
        return _IRREGULAR_VERBS[word]
    for ending, replacement in (
        ("ies", "y"),
        ("ied", "y"),
        ("ing", ""),
        ("sses", "ss"),
        ("shes", "sh"),
        ("ches", "ch"),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word[: -len(ending)] + replacement
    if word.endswith("ed") and len(word) > 4:
        return (
            word[:-1] if word.endswith(("ated", "rved", "ared", "aged", "ored", "ised", "ized", "uled")) else word[:-2]
        )
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return word[:-1]
    return word
