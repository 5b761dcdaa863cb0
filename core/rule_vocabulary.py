"""Words by which rules are read: which say little, which any application is spoken of in, which names are those of tools."""

STOP_WORDS = """
a about all also an and any are as at be been before being but by can could do does each either else even ever every for from
had has have here how if in instead into is it its itself just let make may might more most must no nor of off on once one
only or other our out over own per rather same shall should so some such than that the their them then there these they this
those through to too under unless until up upon use very was we were what when where whether which while who whose will with
within without would you your always never not don't doesn't isn't avoid cannot can't won't
"""

GENERAL_WORDS = """
access account active add address admin after agent allow alphabetical amount answer api app application approve archive array
ascending assign async attribute authentication authorization authenticate author backend bad before begin body boolean
browser build button by cache call cancel case change character check child choice choose clear client close code collection
column comment complete completed component condition confirm conflict constraint contract control count create created
currency current custom data database date day debug default define delete deny descending describe description detail dialog
dict different disable display document done down draft due duplicate each edit element email empty enable encode end endpoint
entity entry enum error event exact example except exception exist expect expire explicit export expose extra fail false
feature field file filter find first fix fixed float foreign form format found frontend full generate get give given group
handle hash header hidden hide history http identifier image import index inner input insert integer internal invalid item
join json keep key kind label language large last latest leave length level limit line link list load lock log login logic
logout long look main make manage many map mark match maximum member memory message method migration minimum missing model
modify month move multiple name navigation nested new next node note notification null number object offset old open operation
optional order other output own owned owner page paginate pagination paging parameter parent part partial pass password past
patch path pattern people per permission person place plain point position post present price prevent private process profile
project property protect public publish put quantity query range rate read record redirect refer reference refuse register
related relation relationship remain remove rename render repeat replace report request require required resource rest result
return review role route row rule run safe same sanitize save schema score screen search second secret section secure security
select send sentence separate server service session set several share show sign simple single size small sort source special
specific staff standard start state status step stop storage store string structure submit success sum support system table
tag take team template test text that thing three time timestamp timezone title today token tool total track transaction true
two type unauthorized unique unit unknown update upload url use user username utc valid validate validation value variable
verify version view visible visitor wait want warning web week whole window word work workflow wrong write year yes zero zone
people everybody someone somebody anyone anybody
"""
"""That a task's sentence has one of these makes a rule with it no rule for that task alone."""

TECHNOLOGIES = """
TypeScript JavaScript FastAPI SQLAlchemy PostgreSQL OpenAPI SQLite GraphQL GitHub GitLab DevOps WebSocket WebSockets OAuth
OpenID MySQL NoSQL JSONPath RestAPI CloudRun iOS macOS eTag ETag
"""
"""They look like identifiers and are none."""
