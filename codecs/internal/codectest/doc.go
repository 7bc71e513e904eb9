// Package codectest holds what the tests of several packages of codecs need.
package codectest
