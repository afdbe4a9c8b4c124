package candour.batch_test

import data.candour.batch
import data.candour.example_test as example

answers(questions) := parsed if {
	text := batch.answers with input as {"questions": questions}
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
	parsed := json.unmarshal(text)
}

objecting := object.union(example.question, {"wish": "objects"})

test_each_question_is_answered_under_its_own_name if {
	given := answers({"one": example.question, "two": objecting})
	object.keys(given) == {"one", "two"}
	given.one.answer == "PERMIT"
	given.two.answer == "DENY"
}

test_each_answer_repeats_its_question if {
	given := answers({"one": example.question, "two": objecting})
	given.one.question == example.question
	given.two.question == objecting
}

test_no_question_no_answer if answers({}) == {}

test_a_question_about_nothing_we_know_is_answered_too if {
	answers({"canary": object.union(example.question, {"event_type": "canary"})}).canary.reasons == ["no_agreement"]
}
