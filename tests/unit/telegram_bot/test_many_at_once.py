"""Many tasks wait at once, and are answered in any order by every means that there is."""

import random
from pathlib import Path

from core.tasks import InterruptFilter
from tests.unit.telegram_bot.room import Room, open_room, until
from tests.wire.telegram.chats import Message
from tests.wire.telegram.service import ANA, BEN

TASKS = 200
MEANS = ("button", "reply", "feedback", "unaddressed")


async def answer(room: Room, task_id: str, means: str, message: Message, user: dict[str, object]) -> None:
    """Begin to answer; what needs a second step is left to `second_step`."""
    match means:
        case "button":
            await room.telegram.tap(message, "Approve", user)
        case "reply":
            await room.telegram.reply(message, f"change {task_id}", user)
        case "feedback":
            await room.telegram.tap(message, "Give feedback", user)
        case _:
            await room.telegram.say(f"change {task_id} please", user)


async def second_steps(room: Room, plan: dict[str, str], order: list[str]) -> None:
    """Write the feedback that was asked for, and pick the questions of texts that named none; in another order."""
    sent = room.telegram.sent()
    for task_id in reversed(order):
        if plan[task_id] == "feedback":
            (asks,) = [each for each in sent if each.forced and f"#t_{task_id} " in each.text]
            await room.telegram.reply(asks, f"change {task_id}")
        elif plan[task_id] == "unaddressed":
            (choice,) = [each for each in sent if f"change {task_id} please" in each.text]
            data = [data for row in choice.buttons for _, data in row if f":{task_id}:" in data]
            assert data, f"{task_id} is not among the newest"
            await room.telegram.tap_data(choice, data[0])


async def test_two_hundred_tasks_are_answered_in_random_order_each_once(tmp_path: Path) -> None:
    chance = random.Random(4)
    names = [f"{number:04x}{chance.getrandbits(48):012x}" for number in range(TASKS)]
    # A text that names no question can be given to one of the newest 20: those are answered that way.
    plan = {name: "unaddressed" if name in names[-18:] else chance.choice(MEANS[:3]) for name in names}
    async with open_room(tmp_path, progress_every_s=60) as room:
        for name in names:
            await room.open(name)
        await until(lambda: all_asked(room, names), 200)
        order = chance.sample(names, TASKS)
        users = {name: chance.choice((ANA, BEN)) for name in names}
        for name in order:
            await answer(room, name, plan[name], room.questions(name)[0], users[name])
            if chance.random() < 0.1:  # people tap twice
                await room.telegram.tap(room.questions(name)[0], "Approve", users[name]) if plan[
                    name
                ] == "button" else None
        await until(lambda: not room.telegram.updates.pending, 200)
        await second_steps(room, plan, order)
        await until(lambda: len(room.commands.taken) == TASKS, 200)
        await until(lambda: not room.telegram.updates.pending, 200)
        await until(lambda: all(not room.questions(name)[0].buttons for name in names), 200)

        assert sorted(taken.task_id for taken in room.commands.taken) == sorted(names)
        for taken in room.commands.taken:
            if plan[taken.task_id] == "button":
                assert taken.decision.action == "approve"
            else:
                assert taken.decision.action == "changes"
                assert taken.task_id in taken.decision.message
        assert await room.commands.interrupts(InterruptFilter(status="pending")) == ()
        # An edit whose answer was late is made again, and then refused because it has been made.
        assert {method for method, _ in room.telegram.refusals()} <= {"editmessagereplymarkup", "editmessagetext"}


def all_asked(room: Room, names: list[str]) -> bool:
    if len(room.telegram.sent("#q_")) < len(names):
        return False
    return all(room.questions(name) for name in names)
