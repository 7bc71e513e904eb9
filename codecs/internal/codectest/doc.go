// Package codectest holds data and functions that the tests of several packages of codecs share.
package codectest
