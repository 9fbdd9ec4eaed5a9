package lazaret

// giveBack writes result<answer, failure>: the tag at 0; the answer's tag at 8 and its value at
// 16; the failure's text at 8.
func giveBack(value any, err error) area {
	result := newArea(24)
	given, wrong := answer{}, err
	if wrong == nil {
		given, wrong = answerOf(value)
	}
	if wrong != nil {
		result.putU8(0, 1)
		result.putText(8, wrong.Error())
		return result
	}
	result.putU8(8, given.tag)
	if given.tag == 2 {
		result.putU64(16, given.content.handle)
	} else {
		result.putText(16, given.text)
	}
	return result
}
