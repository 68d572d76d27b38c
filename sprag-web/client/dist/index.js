import{a,b}from"./shared-D7FVUQU3.js";import"./shared-YOF34G76.js";export{a as Refused,b as store};
