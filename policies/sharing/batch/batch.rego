# METADATA
# title: Batch
# description: >-
#   Answers many questions in one call. The only package that knows of batches. Each answer repeats its question, and
#   the whole comes back as one string, so that the exchange can parse it strictly (design 2.4).
# schemas:
#   - input: schema.batch
package candour.batch

import data.candour.decision

# METADATA
# title: Answers by question hash
# description: One answer for each question, under the same name.
# entrypoint: true
# custom:
#   owner: information-governance
#   source: [R43]
answers := json.marshal({name: answer |
	some name, question in input.questions
	answer := decision.answer with input as question
})
