"""The closed lists of codes that people and programs meet; one sentence each."""

REASONS = {
    "age_policy_missing": "No child policy covers this flow yet; a child's person part stays (R38).",
    "best_interests": "The person objects and lacks capacity now: a named clinician decides (3.2 step 7).",
    "aggregates_only": "Whoever commissions services sees events about services, never of a person.",
    "capable_refusal": "The person can decide and says no: a named clinician decides (3.2 step 7, R27).",
    "case_by_case": "Disclosure to police about serious crime is decided by a named person (R11).",
    "class_needs_person": "This class of field needs a named person's decision (4.5, cell H).",
    "class_never": "This class of field never goes to this kind of desk (4.5, 4.5b).",
    "clinical_summary_only": "Of this class only text written to be shared goes here (R49).",
    "complaint_confined": "A complaint goes to the governance officers, and they hear nothing else (R32).",
    "confidence": "Nothing lifts the duty of confidentiality for this flow (3.2 step 6).",
    "core_not_urgent": "The neutral core is for urgent events and desks that must act (R42).",
    "custody_end_only": "At the end of custody police get its time and nothing else (R21).",
    "emergency_no_agreement": "Nothing was signed; a life is at risk: to those who must act (3.2 step 3).",
    "forbidden_label": "Its type has room for a label, a count, a score or a refusal of care (R5-R7).",
    "identity_unsound": "The identifier given is not sound, so wishes cannot be looked up (design 2.6).",
    "location_withheld": "A marker protects where the person is (R24).",
    "nhs_number_in_text": "The text holds an NHS number, which may not go to this desk in clear (R36).",
    "no_agreement": "No signed agreement in force covers this flow, place and date (3.2 step 3).",
    "no_basis": "The agreement names no legal-basis bundle for this flow (3.2 step 5).",
    "not_a_child": "Children's social care is alerted where the person is known to be under 18 (R38).",
    "not_in_agreement": "The agreement in force does not name this field.",
    "objection": "The person objects to this sharing (3.2 step 7).",
    "objection_outweighed": "The person objects; a risk to life that health confirmed outweighs it (step 7).",
    "part3_gateway_missing": "Law-enforcement processing with no gateway quoted in the agreement (L12).",
    "permission_from_beneficiary": "The permission was recorded by the agency that would gain by it (R54).",
    "permission_missing": "This flow needs the person's explicit permission and there is none (B9, 4.5).",
    "person_deceased": "The person died: planned flows have stopped (R51).",
    "police_no_clinical": "Diagnosis, medication, history and plans never go to police (R10).",
    "police_not_confirmed": "Police get nothing of a person until health confirms incident and need (R53).",
    "police_plan": "No police role writes, approves or is named in a plan of care (R2).",
    "police_planned_care": "Police have no part in planned care (R1).",
    "refused_purpose": "The purpose is one that no agreement can allow (R4).",
    "rights_only": "Officers learn who it is only where that person turns to them (R32).",
    "safeguarding_duty": "The person objects; the duty to protect an adult at risk outweighs it (L14).",
    "section_115_alone": "The Crime and Disorder Act s115 alone is no ground to share (R13).",
    "serious_violence_duty": "The Serious Violence Duty is no gateway for patient information (R12).",
    "undecidable": "A rule failed on this question; the event is in quarantine for this desk.",
    "volunteer_limits": "Nothing legal, clinical, of police or of safeguarding goes to a volunteer (R29).",
}
"""Why a class of an event did not go, waits for a person, or went although something spoke against it"""

REJECTIONS = {
    "bytes_do_not_round_trip": "The payload's bytes are not what its schema would write.",
    "envelope_malformed": "The envelope cannot be read.",
    "envelope_not_opened": "The envelope does not open with the exchange's key.",
    "envelope_too_large": "An envelope may have 512 KiB.",
    "event_id_conflict": "Another event was published under this event id.",
    "event_id_invalid": "The event id is not a UUID in lower case.",
    "field_invalid": "A field is outside its limits.",
    "identity_differs": "Name and birth date are not those known for this NHS number.",
    "key_unknown": "The signing key is not this agency's, or no longer.",
    "not_resubmittable": "What is kept holds no payload, or its event was decided already.",
    "occurred_at_missing": "The event does not say when it happened.",
    "payload_too_large": "A payload may have 64 KiB.",
    "permission_without_capacity": "A permission without capacity for it does not count.",
    "publisher_not_entitled": "This kind of agency may not publish this type of event.",
    "quarantine_closed": "This payload was resubmitted or discarded already.",
    "quarantine_unknown": "No payload in quarantine has this id and these bytes.",
    "schema_retired": "Written under a version more than two minor versions back: renew the schemas.",
    "schema_unknown": "No schema of the published language has this fingerprint.",
    "scope_open": "A permission must name its purposes, recipients and classes.",
    "sender_not_topic_owner": "The envelope's sender is not the agency that owns this topic.",
    "signature_invalid": "The signature does not fit the envelope.",
    "stage_failed": "A stage of the exchange failed on this event; operations have been paged.",
    "topic_mismatch": "The envelope was signed for another topic.",
    "two_people_needed": "Two holders must sign, each with their own key, within a day of each other.",
    "undecidable": "A rule of the policies fails on this event; operations have been paged.",
}
"""Why a payload is in quarantine; the code in the reply to its publisher"""

NOTICES = {
    "identifier_dropped": "The identifier was not sound and was left out; only the neutral core went.",
    "call_not_passed_on": "Nobody has accepted this call, so the crisis team was told. Ring the number.",
    "consultation_not_recorded": "Say whom you consulted before using section 136, or why nobody (R16).",
    "field_dropped": "A field was outside its limits and was left out; the rest went.",
    "identity_differs": "Name and birth date are not those known for this NHS number; only the core went.",
    "nobody_reached": "Nobody who must act could be told. Ring the number.",
    "referral_not_taken": "Nobody took the referral on in the agreed time. Ring the number.",
    "referral_taken": "The referral was taken on.",
    "referral_unknown": "The referral that it cites is none that this agency received.",
    "sealed_ahead": "The clock of the program that publishes is more than five minutes ahead of ours.",
    "sequence_back": "An envelope came late, or one of long ago came again. Its events count once.",
    "sequence_gap": "Envelopes of this stream are missing. Look for events that were not answered.",
    "sequence_repeated": "Two envelopes of this stream have one number: two programs, or a backup.",
    "waiting": "Not delivered yet: a part of the exchange is away. Ring the number; it goes when it can.",
}
"""What a publisher is told of an event that was taken in, or of its stream of envelopes, beyond that"""

STREAM_CODES = ("sealed_ahead", "sequence_back", "sequence_gap", "sequence_repeated")
"""Those of the notices that are about an envelope's place in its publisher's stream"""

MARKINGS = {
    "direct_care": "For the care of this person; not to be used for anything else.",
    "incident_only": "Use only for this incident. Do not pass on, do not keep beyond its expiry (R8).",
    "agreed_support": "Shared with the person's permission, for the support they agreed to.",
    "neutral_core": "Names nobody. For the response now.",
}

ALERTS = {
    "consultation_not_recorded": "Section 136 was used, and not told who was consulted or why nobody (R16).",
    "detention_expired": "A detention ran out: nobody ended it in time (R17).",
    "detention_over_limit": "A detention lasted longer than 24 hours and its lawful extension (R17).",
    "extension_ground_not_lawful": "A detention was extended for something else than the condition (R18).",
    "extension_too_long": "A detention was extended by more than 12 hours (R17).",
    "police_station_criteria_not_recorded": "A police station, with no record of what the law asks (R19).",
    "police_station_under_18": "A person under 18 is at a police station as a place of safety (R19).",
    "section_136_in_private_dwelling": "Section 136 was used in a private dwelling, where it does not reach.",
}
"""What `broker.legal_alert.raised` tells: a fact was reported, accepted, and is not as the law asks"""
